//! The audit service as a process.

fn main() -> std::process::ExitCode {
    chassis::run(audit_service::Config::from_environment, audit_service::start)
}
