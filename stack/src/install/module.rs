//! The module that a program is built from when `go install` refuses: its own `go.mod` replaces modules, which counts only
//! in the module that is built. Ours requires the program and repeats what its go.mod replaces and excludes, read from
//! there.

use serde::Deserialize;

/// What of `go mod edit -json` is repeated (go.dev/ref/mod, "go mod edit").
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct GoMod {
    go: String,
    replace: Option<Vec<Replace>>,
    exclude: Option<Vec<Module>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Replace {
    old: Module,
    new: Module,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Module {
    path: String,
    version: Option<String>,
}

impl Module {
    fn text(&self) -> String {
        match &self.version {
            Some(version) => format!("{} {version}", self.path),
            None => self.path.clone(),
        }
    }
}

/// The go.mod that builds `module` at `version`, whose own go.mod is `of`.
pub fn text(module: &str, version: &str, of: &GoMod) -> String {
    let mut text = format!("module backends\n\ngo {}\n\nrequire {module} {version}\n", of.go);
    // A folder beside the program's sources is not in our module; its released version is.
    for replace in of.replace.iter().flatten().filter(|replace| replace.new.version.is_some()) {
        text.push_str(&format!("\nreplace {} => {}\n", replace.old.text(), replace.new.text()));
    }
    for exclude in of.exclude.iter().flatten() {
        text.push_str(&format!("\nexclude {}\n", exclude.text()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_program_replaces_is_repeated_but_for_folders_of_its_own() {
        let json = r#"{
            "Module": {"Path": "example.org/program"}, "Go": "1.25.8",
            "Replace": [
                {"Old": {"Path": "a.org/a"}, "New": {"Path": "b.org/b", "Version": "v1.2.3"}},
                {"Old": {"Path": "c.org/c", "Version": "v1.0.0"}, "New": {"Path": "c.org/c", "Version": "v1.0.1"}},
                {"Old": {"Path": "example.org/program/part"}, "New": {"Path": "./part"}}
            ],
            "Exclude": [{"Path": "d.org/d", "Version": "v8.0.0+incompatible"}]
        }"#;
        let of: GoMod = serde_json::from_str(json).unwrap();
        assert_eq!(
            text("example.org/program", "v0.1.0", &of).replace("\n\n", "\n"),
            "module backends\ngo 1.25.8\nrequire example.org/program v0.1.0\nreplace a.org/a => b.org/b v1.2.3\n\
             replace c.org/c v1.0.0 => c.org/c v1.0.1\nexclude d.org/d v8.0.0+incompatible\n"
        );
        let plain: GoMod = serde_json::from_str(r#"{"Go": "1.25.0", "Replace": null, "Exclude": null}"#).unwrap();
        assert!(text("example.org/program", "v0.1.0", &plain).ends_with("require example.org/program v0.1.0\n"));
    }
}
