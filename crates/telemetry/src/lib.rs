//! Distributed tracing, metrics and logs for actix-web, reqwest and sqlx on the direct OpenTelemetry API.
