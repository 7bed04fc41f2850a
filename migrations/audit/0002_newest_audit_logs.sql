-- Lists are read newest first, a page at a time.
CREATE INDEX audit_logs_newest ON audit_logs (recorded_at DESC, id DESC);
