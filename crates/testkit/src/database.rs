//! A database of its own for each test: a copy of one that has all migrations.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use native::postgres::{Passwords, TemporaryCluster};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};

/// Copied for each test.
const TEMPLATE: &str = "template_of_tests";
/// The schemas, each with a folder of migrations.
const SCHEMAS: [&str; 3] = ["user", "order", "audit"];

struct Home {
    cluster: Mutex<TemporaryCluster>,
    passwords: Passwords,
}

/// A test's own database.
#[derive(Clone)]
pub struct Database {
    name: String,
    home: Arc<Home>,
}

impl Database {
    /// Makes one with all schemas, as the migrations leave them.
    pub async fn new() -> Self {
        Self::make(|name, home| home.cluster().create_database_from_template(name, TEMPLATE)).await
    }

    /// Makes one with roles and schemas, and without a table: the services have to migrate it.
    pub async fn not_migrated() -> Self {
        Self::make(|name, home| home.cluster().bootstrap(name, &home.passwords)).await
    }

    /// Makes one as [`Database::new`] does, on a cluster of its own, which the test can stop.
    pub async fn alone() -> Self {
        // Starting a cluster blocks.
        let home = tokio::task::spawn_blocking(|| Arc::new(Home::start())).await.expect("PostgreSQL starts");
        Self { name: TEMPLATE.to_owned(), home }
    }

    async fn make(how: fn(&str, &Home) -> native::Result<()>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        static SHARED: OnceLock<Arc<Home>> = OnceLock::new();
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let made = name.clone();
        let making = tokio::task::spawn_blocking(move || {
            let home = SHARED.get_or_init(|| Arc::new(Home::start()));
            how(&made, home).expect("the database can be made");
            Arc::clone(home)
        });
        Self { name, home: making.await.expect("the database is made") }
    }

    /// Stops PostgreSQL, and gives back what [`Database::start_again`] takes. For [`Database::alone`]: others share theirs.
    pub async fn stop(&self) -> u16 {
        assert_eq!(self.name, TEMPLATE, "this cluster is shared");
        let home = Arc::clone(&self.home);
        tokio::task::spawn_blocking(move || home.cluster().stop()).await.expect("PostgreSQL stops")
    }

    /// Starts PostgreSQL again.
    pub async fn start_again(&self, port: u16) {
        let home = Arc::clone(&self.home);
        let started = tokio::task::spawn_blocking(move || home.cluster().start_again(port));
        started.await.expect("no panic").expect("PostgreSQL starts again");
    }

    /// The URL of a role, such as `order_service` or `order_owner`.
    pub fn url(&self, role: &str) -> String {
        self.home.cluster().role_url(role, &self.home.passwords, &self.name)
    }

    /// A connection as the superuser.
    pub async fn superuser(&self) -> PgConnection {
        let url = self.home.cluster().superuser_url(&self.name);
        PgConnection::connect(&url).await.expect("the cluster is up")
    }

    /// Runs a statement as the superuser, for what a test has to bring about.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.superuser().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the statement runs");
    }

    /// The one value that a query gives, such as a count.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut connection = self.superuser().await;
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
            .fetch_one(&mut connection)
            .await
            .expect("the query runs")
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Home {
    /// A cluster with a migrated [`TEMPLATE`].
    fn start() -> Self {
        let cluster = TemporaryCluster::start().expect("PostgreSQL starts");
        let passwords = Passwords::generate().expect("there is randomness");
        cluster.bootstrap(TEMPLATE, &passwords).expect("bootstrap.sql runs");
        let urls = SCHEMAS.map(|schema| cluster.role_url(&format!("{schema}_owner"), &passwords, TEMPLATE));
        // A thread without a runtime: this runs inside of one.
        std::thread::spawn(move || migrate(&urls)).join().expect("the migrations run");
        Self { cluster: Mutex::new(cluster), passwords }
    }

    fn cluster(&self) -> MutexGuard<'_, TemporaryCluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn migrate(urls: &[String; SCHEMAS.len()]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        for (schema, url) in SCHEMAS.iter().zip(urls) {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(schema);
            let pool = sqlx::PgPool::connect(url).await.expect("the owner can connect");
            Migrator::new(folder).await.expect("migrations are there").run(&pool).await.expect("migrations run");
            pool.close().await;
        }
    });
}
