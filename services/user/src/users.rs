//! The table `users`.

use chassis::database::violates;
use chassis::problem::Kind;
use chassis::{Database, Deadline, PageRequest, Problem};
use contracts::process::ProcessRequest;
use contracts::user::{NewUser, User};
use telemetry::database::Statement;

static FIND: Statement = telemetry::statement!("SELECT", "users", "SELECT id, name, email FROM users WHERE id = $1");
static LIST: Statement =
    telemetry::statement!("SELECT", "users", "SELECT id, name, email FROM users WHERE id > $1 ORDER BY id LIMIT $2");
static CREATE: Statement = telemetry::statement!(
    "INSERT",
    "users",
    "INSERT INTO users (id, name, email) VALUES (coalesce($1, nextval('users_id')), $2, $3) \
     ON CONFLICT (id) DO NOTHING RETURNING id, name, email"
);
// Two requests may bring the same new user at the same time: the second one takes what the first has made.
static CREATE_UNLESS_THERE: Statement = telemetry::statement!(
    "INSERT",
    "users",
    "INSERT INTO users (id, name, email) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
);

/// How many numbers of the sequence are tried for a new user: each one that is taken is never tried again by anybody.
const MOST_ATTEMPTS: usize = 20;

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    name: String,
    email: String,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name, email: row.email }
    }
}

/// The table `users`.
pub(crate) struct Users {
    database: Database,
}

impl Users {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) async fn find(&self, id: i64, deadline: &Deadline) -> Result<Option<User>, Problem> {
        let found = FIND.bind(id).fetch_optional::<Row>(self.database.pool());
        Ok(self.database.attempt(deadline, found).await?.map(User::from))
    }

    pub(crate) async fn list(&self, page: &PageRequest<i64>, deadline: &Deadline) -> Result<Vec<User>, Problem> {
        let after = page.after.unwrap_or_default();
        let rows = LIST.bind(after).bind(page.rows_to_read()).fetch_all::<Row>(self.database.pool());
        Ok(self.database.attempt(deadline, rows).await?.into_iter().map(User::from).collect())
    }

    /// Creates a user. A number out of the sequence that somebody has brought as an id already is passed over.
    pub(crate) async fn create(&self, user: &NewUser, deadline: &Deadline) -> Result<User, Problem> {
        let attempts = if user.id.is_some() { 1 } else { MOST_ATTEMPTS };
        for _ in 0..attempts {
            let created = CREATE.bind(user.id).bind(user.name.clone()).bind(user.email.clone());
            let created = created.fetch_optional::<Row>(self.database.pool());
            if let Some(row) = self.database.commit(deadline, created).await.map_err(taken)? {
                return Ok(row.into());
            }
        }
        Err(Problem::new(Kind::Conflict, "the id is another user's"))
    }

    /// The user of a request: the one that is there, or a new one, where the request says enough to make one.
    pub(crate) async fn find_or_create(&self, request: &ProcessRequest, deadline: &Deadline) -> Result<User, Problem> {
        if let Some(user) = self.find(request.user_id, deadline).await? {
            telemetry::set_attribute("user.created", false);
            return Ok(user);
        }
        let (Some(name), Some(email)) = (&request.user_name, &request.user_email) else {
            return Err(Problem::not_found(
                "there is no user with this id; with user_name and user_email one would be created",
            ));
        };
        let created = CREATE_UNLESS_THERE.bind(request.user_id).bind(name.clone()).bind(email.clone());
        let rows = self.database.commit(deadline, created.execute(self.database.pool())).await.map_err(taken)?;
        telemetry::set_attribute("user.created", rows == 1);
        if rows == 1 {
            return Ok(User { id: request.user_id, name: name.clone(), email: email.clone() });
        }
        let user = self.find(request.user_id, deadline).await?;
        user.ok_or_else(|| Problem::internal("a user that was there is gone"))
    }
}

/// A constraint that refused a user, as a problem.
fn taken(failure: chassis::database::Failure) -> Problem {
    if violates(&failure, "users_email_unique") {
        return Problem::new(Kind::Conflict, "the email address is another user's");
    }
    failure.into()
}
