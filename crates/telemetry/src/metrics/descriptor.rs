//! What a metric is called, in both encodings, and what it measures.
//!
//! Source: OpenTelemetry semantic conventions 1.42, HTTP and database metrics; OpenTelemetry specification, "Prometheus and
//! OpenMetrics Compatibility", "Metric Metadata".

/// Boundaries in seconds of `http.*.request.duration` (HTTP metrics conventions).
pub(crate) const HTTP_BOUNDARIES: &[f64] =
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Boundaries in seconds of `db.client.*` (database metrics conventions).
pub(crate) const DATABASE_BOUNDARIES: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// A metric, apart from its values.
#[derive(Debug, PartialEq)]
pub(crate) struct Descriptor {
    /// Such as `http.server.request.duration`.
    pub(crate) name: &'static str,
    /// In UCUM: `s`, or a thing that is counted, such as `{request}`.
    pub(crate) unit: &'static str,
    /// One sentence.
    pub(crate) description: &'static str,
    pub(crate) instrument: Instrument,
}

/// How a metric's values come about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Instrument {
    /// What never falls.
    Counter,
    /// What rises and falls, and adds up over series.
    UpDownCounter,
    /// Durations, counted between these boundaries in seconds.
    Histogram(&'static [f64]),
}

impl Descriptor {
    /// The name of the family in OpenMetrics text. A counter's samples have `_total` besides.
    pub(super) fn family(&self) -> String {
        let name = self.name.replace('.', "_");
        match self.text_unit() {
            Some(unit) => format!("{name}_{unit}"),
            None => name,
        }
    }

    /// The unit in OpenMetrics text. What counts things has none.
    pub(super) fn text_unit(&self) -> Option<&'static str> {
        match self.unit {
            "s" => Some("seconds"),
            "By" => Some("bytes"),
            _ => None,
        }
    }
}

pub(super) static SERVER_REQUESTS: Descriptor = Descriptor {
    name: "http.server.request.duration",
    unit: "s",
    description: "Duration of requests to this service.",
    instrument: Instrument::Histogram(HTTP_BOUNDARIES),
};
pub(super) static ACTIVE_REQUESTS: Descriptor = Descriptor {
    name: "http.server.active_requests",
    unit: "{request}",
    description: "Requests that are being answered.",
    instrument: Instrument::UpDownCounter,
};
pub(super) static CLIENT_REQUESTS: Descriptor = Descriptor {
    name: "http.client.request.duration",
    unit: "s",
    description: "Duration of calls to other services.",
    instrument: Instrument::Histogram(HTTP_BOUNDARIES),
};
pub(super) static DATABASE_OPERATIONS: Descriptor = Descriptor {
    name: "db.client.operation.duration",
    unit: "s",
    description: "Duration of SQL statements, from their connection being there to the last row.",
    instrument: Instrument::Histogram(DATABASE_BOUNDARIES),
};
pub(super) static CONNECTIONS: Descriptor = Descriptor {
    name: "db.client.connection.count",
    unit: "{connection}",
    description: "Connections that are open.",
    instrument: Instrument::UpDownCounter,
};
pub(super) static MOST_CONNECTIONS: Descriptor = Descriptor {
    name: "db.client.connection.max",
    unit: "{connection}",
    description: "Connections that may be open.",
    instrument: Instrument::UpDownCounter,
};
pub(super) static PENDING_REQUESTS: Descriptor = Descriptor {
    name: "db.client.connection.pending_requests",
    unit: "{request}",
    description: "Statements that wait for a connection.",
    instrument: Instrument::UpDownCounter,
};
pub(super) static CONNECTION_TIMEOUTS: Descriptor = Descriptor {
    name: "db.client.connection.timeouts",
    unit: "{timeout}",
    description: "Waits for a connection that ended without one because they took too long.",
    instrument: Instrument::Counter,
};
pub(super) static CONNECTION_WAIT: Descriptor = Descriptor {
    name: "db.client.connection.wait_time",
    unit: "s",
    description: "Wait for a connection out of the pool.",
    instrument: Instrument::Histogram(DATABASE_BOUNDARIES),
};
pub(super) static CONNECTION_USE: Descriptor = Descriptor {
    name: "db.client.connection.use_time",
    unit: "s",
    description: "Time between taking a connection out of the pool and giving it back.",
    instrument: Instrument::Histogram(DATABASE_BOUNDARIES),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_text_ends_with_its_unit_and_what_is_counted_has_none() {
        assert_eq!(SERVER_REQUESTS.family(), "http_server_request_duration_seconds");
        assert_eq!(ACTIVE_REQUESTS.family(), "http_server_active_requests");
        assert_eq!(CONNECTION_WAIT.family(), "db_client_connection_wait_time_seconds");
        assert_eq!(super::super::sdk::SPOOL_BYTES.family(), "telemetry_spool_size_bytes");
        assert_eq!(CONNECTION_TIMEOUTS.family(), "db_client_connection_timeouts");
    }
}
