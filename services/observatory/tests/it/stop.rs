//! Start and stop.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use observatory::{Config, StartError, start};
use tokio::net::TcpStream;

use crate::observatory::{observatory, observatory_with};
use crate::requests::{request, span, trace};

#[tokio::test]
async fn after_a_stop_nothing_listens() {
    // The kernel gives these ports to nobody, as it may those of another observatory that has ended.
    let own = || SocketAddr::from((Ipv4Addr::LOCALHOST, native::ports::free().unwrap()));
    let config = Config { listen_http: own(), otlp_grpc: own(), otlp_http: own(), ..Config::on_free_ports() };
    let observatory = observatory_with(config).await;
    observatory.send(&request("s", vec![span(1, 1, 0)])).await;
    let server = observatory.server;
    let addresses = [server.http_addr(), server.otlp_grpc_addr(), server.otlp_http_addr()];
    server.stop().await;
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
}

#[tokio::test]
async fn an_occupied_port_is_named_with_the_flag_that_moves_it() {
    let first = observatory().await.server;
    let config = Config { otlp_grpc: first.otlp_grpc_addr(), ..Config::on_free_ports() };
    let StartError::Listen { address, flag, .. } = start(config).await.unwrap_err();
    assert_eq!((address, flag), (first.otlp_grpc_addr(), "--otlp-grpc"));
}

#[tokio::test]
async fn waiting_ends_when_the_trace_is_there_or_says_what_is() {
    let observatory = observatory().await;
    let store = observatory.server.store().clone();
    let whole = store.wait_for(trace(1), |tree| tree.is_whole(), Duration::from_secs(20));
    let sent = async {
        observatory.send(&request("s", vec![span(1, 2, 1)])).await;
        observatory.send(&request("s", vec![span(1, 1, 0)])).await;
    };
    let (whole, ()) = tokio::join!(whole, sent);
    assert_eq!(whole.unwrap().outline(), "s server span 1\n  s server span 2\n");

    let error = store.wait_for(trace(1), |tree| tree.len() == 9, Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("s server span 1"), "{error}");
}
