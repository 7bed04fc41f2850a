//! The user service as a process.

fn main() -> std::process::ExitCode {
    chassis::run(user_service::Config::from_environment, user_service::start)
}
