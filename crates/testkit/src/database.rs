//! A database of its own for each test: a copy of one that has all migrations.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use native::postgres::{Passwords, TemporaryCluster};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};

/// Copied for each test.
const TEMPLATE: &str = "template_of_tests";
/// The schemas, each with a folder of migrations.
const SCHEMAS: [&str; 3] = ["user", "order", "audit"];

struct Shared {
    cluster: TemporaryCluster,
    passwords: Passwords,
}

/// A test's own database.
#[derive(Clone, Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Makes one with all schemas, as the migrations leave them.
    pub async fn new() -> Self {
        Self::make(true).await
    }

    /// Makes one with roles and schemas, and without a table: the services have to migrate it.
    pub async fn not_migrated() -> Self {
        Self::make(false).await
    }

    async fn make(migrated: bool) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let made = name.clone();
        // The cluster's own functions block.
        tokio::task::spawn_blocking(move || {
            let shared = shared();
            if migrated {
                shared.cluster.create_database_from_template(&made, TEMPLATE).expect("the template can be copied");
            } else {
                shared.cluster.bootstrap(&made, &shared.passwords).expect("bootstrap.sql runs");
            }
        })
        .await
        .expect("the database is made");
        Self { name }
    }

    /// The URL of a role, such as `order_service` or `order_owner`.
    pub fn url(&self, role: &str) -> String {
        shared().cluster.role_url(role, &shared().passwords, &self.name)
    }

    /// A connection as the superuser.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&shared().cluster.superuser_url(&self.name)).await.expect("the cluster is up")
    }

    /// Runs a statement as the superuser, for what a test has to bring about.
    pub async fn execute(&self, sql: &str) {
        let mut connection = self.superuser().await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("the statement runs");
    }

    /// The one value that a query gives, such as a count.
    pub async fn count(&self, sql: &str) -> i64 {
        let mut connection = self.superuser().await;
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.expect("the query runs")
    }
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let cluster = TemporaryCluster::start().expect("PostgreSQL starts");
        let passwords = Passwords::generate().expect("there is randomness");
        cluster.bootstrap(TEMPLATE, &passwords).expect("bootstrap.sql runs");
        let urls = SCHEMAS.map(|schema| cluster.role_url(&format!("{schema}_owner"), &passwords, TEMPLATE));
        // A thread without a runtime: this is called from inside and from outside of one.
        std::thread::spawn(move || migrate(&urls)).join().expect("the migrations run");
        Shared { cluster, passwords }
    })
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
