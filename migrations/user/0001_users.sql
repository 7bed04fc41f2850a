-- Profiles. Credentials, when they come, are a table of their own: nothing that lists users can ever show them.
CREATE TABLE users (
    id          bigint PRIMARY KEY CONSTRAINT users_id_positive CHECK (id > 0),
    name        text NOT NULL,
    email       text NOT NULL CONSTRAINT users_email_unique UNIQUE,
    created_at  timestamptz NOT NULL DEFAULT now()
);
-- Users that are created without an id of their own are numbered above those that examples and exercises use.
CREATE SEQUENCE users_id AS bigint START 100000 OWNED BY users.id;

-- The runtime role reads and adds; an existing profile is never changed.
GRANT SELECT, INSERT ON users TO user_service;
GRANT USAGE ON SEQUENCE users_id TO user_service;
