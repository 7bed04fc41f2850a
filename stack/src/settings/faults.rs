//! The ports at which the services of a stack are asked for faults.

use super::ports::Listener;
use crate::failure::Failure;
use serde::{Deserialize, Serialize};

/// What the services have without being told, and what docker-compose.yaml publishes.
pub const USUAL_FAULT_PORTS: FaultPorts = FaultPorts { user: 15_001, order: 15_002, audit: 15_003 };

/// A private port of each service on 127.0.0.1.
#[derive(clap::Args)]
#[command(next_help_heading = "Ports of the faults (FAULTS=1)")]
pub struct FaultPortArgs {
    /// user-service [default: 15001]
    #[arg(long, value_name = "PORT")]
    user_faults_port: Option<u16>,
    /// order-service [default: 15002]
    #[arg(long, value_name = "PORT")]
    order_faults_port: Option<u16>,
    /// audit-service [default: 15003]
    #[arg(long, value_name = "PORT")]
    audit_faults_port: Option<u16>,
}

/// A private port of each service.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct FaultPorts {
    /// user-service.
    pub user: u16,
    /// order-service.
    pub order: u16,
    /// audit-service.
    pub audit: u16,
}

impl FaultPortArgs {
    /// Whether any is asked for by name.
    pub fn ask_for_any(&self) -> bool {
        [self.user_faults_port, self.order_faults_port, self.audit_faults_port].iter().any(Option::is_some)
    }

    /// The given ones, and the usual ones moved by the offset.
    pub fn ports(&self, offset: u16) -> Result<FaultPorts, Failure> {
        let pick = |given: Option<u16>, usual: u16| {
            let moved = given.or_else(|| usual.checked_add(offset));
            moved.ok_or_else(|| Failure::cannot(format!("--port-offset {offset} is too large")))
        };
        Ok(FaultPorts {
            user: pick(self.user_faults_port, USUAL_FAULT_PORTS.user)?,
            order: pick(self.order_faults_port, USUAL_FAULT_PORTS.order)?,
            audit: pick(self.audit_faults_port, USUAL_FAULT_PORTS.audit)?,
        })
    }
}

impl FaultPorts {
    /// Of each service by its name, in the chain's order.
    pub fn by_service(&self) -> [(&'static str, u16); 3] {
        [("user-service", self.user), ("order-service", self.order), ("audit-service", self.audit)]
    }

    pub(super) fn all(&self) -> [Listener; 3] {
        let at = |port, process, flag| Listener { port, process, what: "faults", flag };
        [
            at(self.user, "user-service", "--user-faults-port"),
            at(self.order, "order-service", "--order-faults-port"),
            at(self.audit, "audit-service", "--audit-faults-port"),
        ]
    }
}
