//! The passwords of a stack.

use crate::program::{Run, run};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

/// Everything belongs to whoever runs this test: only root could give it to others.
fn prepare(folder: &Path, services: &[&str]) -> Run {
    let metadata = fs::metadata(folder).unwrap();
    let own = format!("{}:{}", metadata.uid(), metadata.gid());
    let secrets = folder.join("secrets").display().to_string();
    let mut arguments = vec!["prepare".to_owned(), "--secrets".into(), secrets];
    arguments.extend(["--postgres".into(), own.clone(), "--grafana".into(), own.clone()]);
    for service in services {
        arguments.extend(["--service".into(), format!("{service}={own}")]);
    }
    run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The content of every secret by its path.
fn secrets(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for reader in fs::read_dir(folder.join("secrets")).unwrap() {
        let reader = reader.unwrap();
        for file in fs::read_dir(reader.path()).unwrap() {
            let file = file.unwrap();
            let name = format!("{}/{}", reader.file_name().display(), file.file_name().display());
            found.insert(name, fs::read_to_string(file.path()).unwrap());
        }
    }
    found
}

#[test]
fn every_reader_gets_its_own_and_all_of_them_differ() {
    let folder = tempfile::tempdir().unwrap();
    let made = prepare(folder.path(), &["user", "audit"]);
    assert_eq!(made.code, Some(0), "{}", made.complained);
    let secrets = secrets(folder.path());
    let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
    let expected = [
        "audit-service/database-password",
        "audit-service/migration-password",
        "grafana/admin-password",
        "postgres/pgpass",
        "postgres/roles.psql",
        "postgres/superuser-password",
        "user-service/database-password",
        "user-service/migration-password",
    ];
    assert_eq!(names, expected);
    let superuser = &secrets["postgres/superuser-password"];
    assert_eq!(secrets["postgres/pgpass"], format!("*:*:*:postgres:{superuser}\n"));
    let role = format!("\\set user_owner_password '{}'\n", secrets["user-service/migration-password"]);
    assert!(secrets["postgres/roles.psql"].contains(&role));
    let mut passwords: Vec<&String> =
        secrets.iter().filter(|(name, _)| name.ends_with("-password")).map(|(_, password)| password).collect();
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 6, "two of them are the same");
}

#[test]
fn only_its_owner_reads_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(prepare(folder.path(), &["user"]).code, Some(0));
    let mode =
        |path: &str| fs::metadata(folder.path().join("secrets").join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("user-service"), 0o700);
    assert_eq!(mode("user-service/database-password"), 0o400);
    assert_eq!(mode("postgres/roles.psql"), 0o400);
}

#[test]
fn a_second_run_keeps_what_is_there_and_adds_what_a_new_service_needs() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(prepare(folder.path(), &["user"]).code, Some(0));
    let before = secrets(folder.path());
    let again = prepare(folder.path(), &["user", "order"]);
    assert_eq!(again.code, Some(0), "{}", again.complained);
    assert!(again.said.starts_with("2 secrets made"), "{}", again.said);
    let after = secrets(folder.path());
    for (name, secret) in before.iter().filter(|(name, _)| name.as_str() != "postgres/roles.psql") {
        assert_eq!(&after[name], secret, "{name}");
    }
    assert!(after["postgres/roles.psql"].starts_with(&before["postgres/roles.psql"]));
    assert!(after["postgres/roles.psql"].contains("order_service_password"));
}

#[test]
fn a_secret_can_be_shown_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(prepare(folder.path(), &[]).code, Some(0));
    let root = folder.path().join("secrets").display().to_string();
    let shown = run(&["show", "--secrets", &root, "grafana/admin-password"]);
    assert_eq!(shown.said.trim(), secrets(folder.path())["grafana/admin-password"]);
    fs::write(folder.path().join("outside"), "not a secret").unwrap();
    let outside = run(&["show", "--secrets", &root, "../outside"]);
    assert_eq!((outside.code, outside.said.as_str()), (Some(1), ""));
    assert!(outside.complained.contains("is outside of the secrets"), "{}", outside.complained);
}
