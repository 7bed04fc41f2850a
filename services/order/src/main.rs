//! The order service as a process.

fn main() -> std::process::ExitCode {
    chassis::run(order_service::Config::from_environment, order_service::start)
}
