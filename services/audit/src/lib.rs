//! Audit service: writes the audit row in a transaction and answers with the chain's summary.
