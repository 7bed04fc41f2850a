//! A steady load, sent by the container of the profile.

use crate::docker::shown;
use crate::stack::Stack;
use crate::wait::until;

/// Has the container send so many requests a second from now on, and waits until they are counted.
pub async fn begin(stack: &Stack, rate: u32) {
    let mut up = stack.compose(&["--profile", "load", "up", "--detach", "--no-build", "--no-deps", "load"]);
    up.env("LOAD_RATE", rate.to_string());
    shown(up).expect("a load");
    until("the load is counted", async || {
        reached(stack).await.and_then(|rate| if rate > 1.0 { Ok(()) } else { Err(format!("{rate} requests/s")) })
    })
    .await;
}

/// Ends it.
pub fn end(stack: &Stack) {
    shown(stack.compose(&["--profile", "load", "rm", "--stop", "--force", "load"])).expect("the load ends");
}

/// Requests a second that come to user-service, as it counts them.
pub async fn reached(stack: &Stack) -> Result<f64, String> {
    let counted =
        "rate(http_server_request_duration_seconds_count{service_name=\"user-service\",http_route=\"/process\"}[30s])";
    stack.prometheus()?.sum(counted).await
}
