-- Lists are read newest first, a page at a time.
CREATE INDEX orders_newest ON orders (created_at DESC, id DESC);
