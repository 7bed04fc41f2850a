//! What can be chosen in .env.

/// A choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// .env as it is: every trace is stored, no log record is.
    AsItIs,
    /// Failed and refused traces and a tenth of the others are stored, and log records are, too.
    SampledWithLogs,
}

impl Choice {
    /// A part of the stack's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsItIs => "as-it-is",
            Self::SampledWithLogs => "sampled",
        }
    }

    /// The lines of .env that are another, as its comments say.
    pub fn variables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::AsItIs => &[],
            Self::SampledWithLogs => &[
                ("COMPOSE_PROFILES", "logs"),
                ("COLLECTOR_EXTRA", "--config=/etc/otelcol/sampling.yaml --config=/etc/otelcol/loki.yaml"),
                ("OTEL_METRICS_EXEMPLAR_FILTER", "always_off"),
                ("OTEL_LOGS_EXPORTER", "otlp"),
                // A busy machine makes slow traces, and a slow trace is always kept.
                ("SAMPLING_SLOW_MS", "600000"),
            ],
        }
    }
}
