//! A cluster of our own.

use native::postgres::{Cluster, Durability, Passwords, PreparedCluster, TemporaryCluster};
use native::process::{Process, Signal};
use std::sync::OnceLock;

fn shared() -> &'static TemporaryCluster {
    static CLUSTER: OnceLock<TemporaryCluster> = OnceLock::new();
    CLUSTER.get_or_init(|| TemporaryCluster::start().unwrap())
}

fn home() -> tempfile::TempDir {
    let open_to_all = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    tempfile::Builder::new().permissions(open_to_all).tempdir().unwrap()
}

#[test]
fn it_speaks_utf8_asks_for_passwords_and_has_no_socket() {
    let settings = "SELECT current_setting('server_encoding'), current_setting('unix_socket_directories'),
        current_setting('listen_addresses'), upper('ä');";
    let answer = shared().sql("postgres", settings).unwrap();
    assert!(answer.starts_with("UTF8||127.0.0.1|"), "{answer}");
    let methods = shared().sql("postgres", "SELECT DISTINCT auth_method FROM pg_hba_file_rules;").unwrap();
    assert_eq!(methods, "scram-sha-256\n");
}

#[test]
fn a_database_is_made_from_a_template_and_dropped() {
    let cluster = shared();
    cluster.sql("postgres", "CREATE DATABASE seed;").unwrap();
    cluster.sql("seed", "CREATE TABLE word (word text); INSERT INTO word VALUES ('kept');").unwrap();
    cluster.create_database_from_template("copy \"1\"", "seed").unwrap();
    assert_eq!(cluster.sql("copy \"1\"", "SELECT word FROM word;").unwrap(), "kept\n");
    cluster.drop_database("copy \"1\"").unwrap();
    let error = cluster.sql("copy \"1\"", "SELECT 1;").unwrap_err().to_string();
    assert!(error.contains("does not exist"), "{error}");
}

#[test]
fn data_and_password_outlive_a_stop() {
    let home = home();
    let first = Cluster::start(home.path(), 0, Durability::Disposable).unwrap();
    first.sql("postgres", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1);").unwrap();
    first.stop();
    let second = Cluster::start(home.path(), 0, Durability::Disposable).unwrap();
    assert_eq!(second.sql("postgres", "SELECT n FROM kept;").unwrap(), "1\n");
}

#[test]
fn what_a_crash_left_behind_is_mended() {
    let home = home();
    let cluster = Cluster::start(home.path(), 0, Durability::Disposable).unwrap();
    let (port, mended) = (cluster.port(), PreparedCluster::clone(&cluster));
    let lock = home.path().join("data/postmaster.pid");
    let content = std::fs::read_to_string(&lock).unwrap();
    cluster.stop();
    // A lock file that names a process which is no server: the pid was used again.
    let other = std::process::id().to_string();
    std::fs::write(&lock, content.lines().skip(1).fold(other, |all, line| format!("{all}\n{line}"))).unwrap();
    let leftover = Process::start(mended.server().unwrap()).unwrap();
    while mended.is_ready(leftover.pid()).is_err() {
        assert_eq!(leftover.exited(), None, "{:?}", leftover.last_lines());
        std::thread::yield_now();
    }
    // A second supervisor ends the server that the first one left.
    let second = Cluster::start(home.path(), port, Durability::Disposable).unwrap();
    assert!(leftover.exited().is_some());
    assert_eq!(second.sql("postgres", "SELECT 1;").unwrap(), "1\n");
}

#[test]
fn the_lock_of_a_server_that_cannot_be_seen_is_left_to_postgresql() {
    let home = home();
    let cluster = Cluster::start(home.path(), 0, Durability::Disposable).unwrap();
    let (port, prepared) = (cluster.port(), PreparedCluster::clone(&cluster));
    let lock = home.path().join("data/postmaster.pid");
    let content = std::fs::read_to_string(&lock).unwrap();
    cluster.stop();
    // Beyond the largest pid Linux gives (proc(5), pid_max).
    std::fs::write(&lock, content.lines().skip(1).fold("4194305".into(), |all, line| format!("{all}\n{line}")))
        .unwrap();
    prepared.server().unwrap();
    assert!(lock.exists(), "it may be a server's in another container");
    Cluster::start(home.path(), port, Durability::Disposable).unwrap();
}

#[test]
fn a_killed_server_starts_again_on_the_same_data() {
    let home = home();
    let cluster = Cluster::start(home.path(), 0, Durability::Durable).unwrap();
    cluster.sql("postgres", "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1);").unwrap();
    let identity = native::process::Identity::of(cluster.pid()).unwrap();
    identity.signal(Signal::SIGKILL);
    drop(cluster);
    let again = Cluster::start(home.path(), 0, Durability::Durable).unwrap();
    assert_eq!(again.sql("postgres", "SELECT n FROM kept;").unwrap(), "1\n");
}

#[test]
fn an_interrupted_initdb_is_made_again() {
    let home = home();
    std::fs::create_dir_all(home.path().join("data/base")).unwrap();
    let cluster = Cluster::start(home.path(), 0, Durability::Disposable).unwrap();
    assert_eq!(cluster.sql("postgres", "SELECT 1;").unwrap(), "1\n");
}

#[test]
fn the_urls_name_role_password_and_database() {
    let passwords = Passwords::generate().unwrap();
    let url = shared().role_url("audit_service", &passwords, "tracechain");
    let expected =
        format!("postgres://audit_service:{}@127.0.0.1:{}/tracechain", passwords.of("audit_service"), shared().port());
    assert_eq!(url, expected);
}

#[test]
fn bootstrap_gives_each_role_its_schema_and_can_be_repeated() {
    let cluster = shared();
    let passwords = Passwords::generate().unwrap();
    cluster.bootstrap("chain", &passwords).unwrap();
    cluster.bootstrap("chain", &passwords).unwrap();
    let roles = cluster.sql(
        "chain",
        "SELECT nspname, nspowner::regrole FROM pg_namespace WHERE nspname IN ('user', 'order', 'audit') ORDER BY 1;",
    );
    assert_eq!(roles.unwrap(), "audit|audit_owner\norder|order_owner\nuser|user_owner\n");
}
