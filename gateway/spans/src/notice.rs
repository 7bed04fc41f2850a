//! What a person should know: one JSON object a line on standard error, as the services' logs are.

use serde_json::{Map, Value};
use std::io::Write;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Something worth knowing.
pub(crate) fn info(message: &str, fields: &[(&str, Value)]) {
    write("INFO", message, fields);
}

/// Something that may need attention if it stays.
pub(crate) fn warn(message: &str, fields: &[(&str, Value)]) {
    write("WARN", message, fields);
}

/// Something that someone must act on.
pub(crate) fn error(message: &str, fields: &[(&str, Value)]) {
    write("ERROR", message, fields);
}

fn write(level: &str, message: &str, fields: &[(&str, Value)]) {
    let mut line = Map::new();
    let now = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    line.insert("timestamp".into(), now.into());
    line.insert("level".into(), level.into());
    line.insert("target".into(), "gateway_spans".into());
    line.insert("service.name".into(), "gateway-spans".into());
    line.insert("message".into(), message.into());
    line.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(std::io::stderr(), "{}", Value::Object(line));
}
