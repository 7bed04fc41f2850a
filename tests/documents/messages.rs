//! docs/troubleshooting.md quotes what the programs write.

use crate::markdown::read;

const DOCUMENT: &str = "docs/troubleshooting.md";

/// What stands in a message between the parts that differ, and where the message is made.
const MESSAGES: [(&str, &[&str]); 20] = [
    ("stack/src/packages/mod.rs", &["missing: ", "install with: sudo apt-get install "]),
    ("stack/src/settings/ports.rs", &["is held by", "end it, or choose another port: ", "is given to "]),
    (
        "stack/src/verbs/up.rs",
        &[
            "already up (supervisor pid ",
            "is starting this stack; waiting for it",
            "OTEL_EXPORTER_OTLP_ENDPOINT sends spans to ",
            "; unset it, or leave --backends out",
            "a stack without backends is up (supervisor pid ",
        ],
    ),
    ("stack/src/settings/ports.rs", &["a port of a backend is given, and no backend is run: add --backends"]),
    (
        "stack/src/install/go.rs",
        &["Go is not in PATH; Go ", "install it from https://go.dev/dl and put its bin folder into PATH"],
    ),
    ("stack/src/install/work.rs", &[" ended with ", "; all it wrote is in "]),
    ("stack/src/install/mod.rs", &["another cargo stack install-backends is building; waiting for it"]),
    ("crates/native/src/error.rs", &[" is not installed (looked in ", "; it comes from: "]),
    ("stack/src/config.rs", &["is not a number"]),
    ("crates/native/src/nginx/sampler.rs", &["OTEL_TRACES_SAMPLER: there is no sampler named "]),
    (
        "crates/native/src/postgres/files.rs",
        &[
            "were written by PostgreSQL ",
            "install that version, or delete the data",
            "PostgreSQL runs as another user here and cannot reach ",
            "is closed to others",
        ],
    ),
    ("crates/native/src/error.rs", &["was not ready after "]),
    ("stack/src/supervisor/bring_up.rs", &["see: cargo stack logs "]),
    ("stack/src/verbs/up/narration.rs", &[" died: ", "started again in ", "it died too often and is left alone; "]),
    ("crates/chassis/src/config/env.rs", &["the environment is not valid:"]),
    (
        "crates/chassis/src/database/migration.rs",
        &["the schema is not migrated yet", "the schema cannot be migrated: "],
    ),
    ("stack/src/verbs/trace.rs", &["spans arrive within seconds of the answer; the oldest traces are forgotten"]),
    (
        "stack/src/traces.rs",
        &["traces cannot be read back from there", "does not answer: ", "answered but has no span"],
    ),
    (
        "crates/otlp/src/tree/whole.rs",
        &["is missing, which others have as parent", "spans without a parent instead of one"],
    ),
    (
        "gateway/spans/src/pipeline.rs",
        &["the collector takes no spans now; they wait in the access log", "the collector refuses spans"],
    ),
];

#[test]
fn the_messages_of_the_page_are_those_of_the_programs() {
    let document = read(DOCUMENT);
    for (source, messages) in MESSAGES {
        let code = read(source);
        for message in messages {
            assert!(code.contains(message), "{source} does not say {message:?} any more; {DOCUMENT} does");
            assert!(document.contains(message), "{DOCUMENT} does not quote {message:?} of {source}");
        }
    }
}
