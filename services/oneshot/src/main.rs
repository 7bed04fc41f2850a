//! `oneshot`: what docker-compose.yaml runs once and waits for. Each of the three can be run again at any time.

mod owner;
mod random;
mod secrets;
mod volumes;
mod wait;

use clap::{Parser, Subcommand};
use owner::Owned;
use secrets::Secrets;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use wait::Target;

const EXAMPLES: &str = "Examples:
  oneshot prepare --secrets /secrets --postgres 999:999 --grafana 472:0 --service user=5001:5001 --volume /tempo=10001:10001
  oneshot show --secrets /secrets grafana/admin-password
  oneshot probe http://otel-collector:13133/ --within 60";

/// How long a container may take from its start to its first answer on a busy machine.
const PROBE_LIMIT_S: u64 = 60;

/// What the Compose file runs once
#[derive(Parser)]
#[command(name = "oneshot", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Makes the passwords that are missing, readable only for whom they are, and gives volumes to their users
    Prepare {
        /// The folder of the secrets: one folder below it for each of those who read any
        #[arg(long, value_name = "FOLDER")]
        secrets: PathBuf,
        /// Who PostgreSQL runs as
        #[arg(long, value_name = "UID:GID")]
        postgres: owner::Owner,
        /// Who Grafana runs as
        #[arg(long, value_name = "UID:GID")]
        grafana: owner::Owner,
        /// A service with a schema of its own, without its -service, and who it runs as
        #[arg(long, value_name = "NAME=UID:GID")]
        service: Vec<Owned>,
        /// Whose folder is this to be
        #[arg(long, value_name = "FOLDER=UID:GID")]
        volume: Vec<Owned>,
    },
    /// Prints one of the secrets, such as grafana/admin-password
    Show {
        /// The folder of the secrets
        #[arg(long, value_name = "FOLDER")]
        secrets: PathBuf,
        /// Which one, as its path below the folder
        name: String,
    },
    /// Waits until a URL is answered with 200
    Probe {
        /// What to ask, such as http://otel-collector:13133/
        url: Target,
        /// For how many seconds
        #[arg(long, value_name = "SECONDS", default_value_t = PROBE_LIMIT_S)]
        within: u64,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("oneshot: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<String, String> {
    match task {
        Task::Prepare { secrets, postgres, grafana, service, volume } => {
            let made = Secrets { folder: secrets, postgres, grafana, services: service }.make();
            let made = made.map_err(|error| error.to_string())?;
            volumes::give(&volume).map_err(|error| error.to_string())?;
            Ok(format!("{made} secrets made, {} volumes given to their users", volume.len()))
        }
        Task::Show { secrets, name } => secrets::show(&secrets, &name).map_err(|error| error.to_string()),
        Task::Probe { url, within } => wait::until_it_answers(&url, Duration::from_secs(within)),
    }
}
