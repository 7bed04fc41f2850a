-- What went through the chain, one row a request. The runtime role may add and read; nothing may change or remove a row.
CREATE TABLE audit_logs (
    id           uuid PRIMARY KEY,
    user_id      bigint NOT NULL,
    action       text NOT NULL,
    order_id     uuid,
    order_total  numeric(14, 2),
    currency     char(3),
    trace_id     text,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT ON audit_logs TO audit_service;
