//! The chain, started for one test.

use std::net::SocketAddr;
use std::time::Duration;

use chassis::Server;
use native::nginx::GatewayConfig;
use serde_json::{Value, json};
use telemetry::Telemetry;
use testkit::{Answer, Backend, Client, Database, Settings, fraud_service};

use crate::gateway::Gateway;

/// How a chain differs from the usual one.
pub struct Plan {
    /// A fourth service between order and audit.
    pub fourth: bool,
    /// Where order finds audit, when that is not audit.
    pub instead_of_audit: Option<String>,
    /// Variables of all three services.
    pub variables: Vec<(&'static str, String)>,
    /// Changes to the gateway.
    pub gateway: fn(&mut GatewayConfig),
    /// The database.
    pub database: Database,
    /// Where spans go.
    pub backend: Backend,
    /// Where they are sent to instead, when something stands before the backend.
    pub endpoint: Option<String>,
}

/// A running chain.
pub struct Chain {
    pub client: Client,
    pub backend: Backend,
    pub database: Database,
    pub gateway: Gateway,
    pub user: Server,
    pub order: Server,
    pub audit: Server,
    _fourth: Option<Server>,
    _senders: Senders,
}

/// What sends for the services. A service that is dropped goes on, and would send its metrics to where its Collector was for as
/// long as the tests' process lives: to the service of another test that gets this port.
struct Senders(Vec<Telemetry>);

impl Drop for Senders {
    fn drop(&mut self) {
        for telemetry in self.0.drain(..) {
            // It blocks, and nobody waits for what is sent last.
            std::thread::spawn(move || telemetry.shutdown());
        }
    }
}

impl Plan {
    /// The usual chain.
    pub async fn usual() -> Self {
        Self {
            fourth: false,
            instead_of_audit: None,
            variables: Vec::new(),
            gateway: |_| {},
            database: Database::new().await,
            backend: Backend::start().await,
            endpoint: None,
        }
    }

    /// Starts it, from its end to its beginning.
    pub async fn start(self) -> Chain {
        let backend = self.backend;
        let endpoint = self.endpoint.unwrap_or_else(|| backend.endpoint());
        let settings = |schema: &str| {
            let settings = Settings::new(&backend).database(&self.database, schema);
            let settings = settings.with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.clone());
            self.variables.iter().fold(settings, |settings, (name, value)| settings.with(name, value.clone()))
        };
        let config = audit_service::Config::from_environment(settings("audit").environment()).expect("valid settings");
        let audit = audit_service::start(config).await.expect("audit starts");
        let mut after_order = self.instead_of_audit.clone().unwrap_or_else(|| url(audit.address()));
        let mut fourth = None;
        if self.fourth {
            // Two variables put a service between two others: its own, and its predecessor's.
            let settings = Settings::new(&backend)
                .with("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.clone())
                .with("NEXT_SERVICE_URL", after_order);
            let config = fraud_service::config(settings.environment()).expect("valid settings");
            let server = fraud_service::start(config).await.expect("the fourth service starts");
            after_order = url(server.address());
            fourth = Some(server);
        }
        let settings_of_order = settings("order").with("NEXT_SERVICE_URL", after_order);
        let config = order_service::Config::from_environment(settings_of_order.environment()).expect("valid settings");
        let order = order_service::start(config).await.expect("order starts");
        let settings_of_user = settings("user").with("NEXT_SERVICE_URL", url(order.address()));
        let config = user_service::Config::from_environment(settings_of_user.environment()).expect("valid settings");
        let user = user_service::start(config).await.expect("user starts");
        let upstreams = (user.address(), order.address(), audit.address());
        let configure = self.gateway;
        let gateway = Gateway::start(&endpoint, |config| {
            (config.user_upstream, config.order_upstream, config.audit_upstream) = upstreams;
            // As long as the services have.
            config.read_timeout = Duration::from_secs(60);
            configure(config);
        })
        .await;
        let client = Client::new(gateway.address);
        let services = [&user, &order, &audit].into_iter().chain(&fourth);
        let senders = Senders(services.map(|service| service.telemetry().clone()).collect());
        let database = self.database;
        Chain { client, backend, database, gateway, user, order, audit, _fourth: fourth, _senders: senders }
    }
}

impl Chain {
    /// The usual chain.
    pub async fn start() -> Self {
        Plan::usual().await.start().await
    }

    /// Sends a request through the chain.
    pub async fn process(&self, body: &Value) -> Answer {
        self.client.post("/api/v1/process", body).await
    }

    /// The seed's plain request.
    pub async fn plain(&self) -> Answer {
        self.process(&json!({"user_id": 1001, "action": "test_trace"})).await
    }
}

/// Its gateway.
impl AsRef<Client> for Chain {
    fn as_ref(&self) -> &Client {
        &self.client
    }
}

/// `http://` and the address.
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
