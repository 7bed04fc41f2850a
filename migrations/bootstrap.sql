-- What only a superuser can do, once per cluster: the database, one schema for each service, and two roles for each schema.
--   <service>_owner    runs the service's migrations; owns everything in its schema and nothing else.
--   <service>_service  what the service runs as; its migrations grant it just the statements it needs.
-- Run by psql (15 or newer), natively, by Compose and by the tests alike. It can be run again: it then only sets the passwords anew.
--
--   TRACECHAIN_DATABASE=tracechain USER_OWNER_PASSWORD=... USER_SERVICE_PASSWORD=... \
--   ORDER_OWNER_PASSWORD=... ORDER_SERVICE_PASSWORD=... AUDIT_OWNER_PASSWORD=... AUDIT_SERVICE_PASSWORD=... \
--   psql --no-psqlrc --quiet --file migrations/bootstrap.sql
\set ON_ERROR_STOP on
\set database tracechain
\getenv database TRACECHAIN_DATABASE
\getenv user_owner_password USER_OWNER_PASSWORD
\getenv user_service_password USER_SERVICE_PASSWORD
\getenv order_owner_password ORDER_OWNER_PASSWORD
\getenv order_service_password ORDER_SERVICE_PASSWORD
\getenv audit_owner_password AUDIT_OWNER_PASSWORD
\getenv audit_service_password AUDIT_SERVICE_PASSWORD

-- Two of these at once (tests share a cluster) would race for the roles; the lock is held until this session ends.
SELECT pg_advisory_lock(hashtext('tracechain bootstrap')) \g /dev/null

SELECT format('CREATE DATABASE %I ENCODING ''UTF8'' TEMPLATE template0', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec

CREATE TEMPORARY TABLE wanted_role (name text, password text, schema text);
INSERT INTO wanted_role VALUES
  ('user_owner', :'user_owner_password', 'user'),    ('user_service', :'user_service_password', 'user'),
  ('order_owner', :'order_owner_password', 'order'), ('order_service', :'order_service_password', 'order'),
  ('audit_owner', :'audit_owner_password', 'audit'), ('audit_service', :'audit_service_password', 'audit');

SELECT format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE', name) FROM wanted_role
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', name, password) FROM wanted_role \gexec
-- Statements name tables without a schema: each role sees its own schema and no other.
SELECT format('ALTER ROLE %I SET search_path = %I', name, schema) FROM wanted_role \gexec

SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'database') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', :'database', name) FROM wanted_role \gexec

\connect :"database"
-- "Already there" is what running it again is about.
SET client_min_messages = warning;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS "user" AUTHORIZATION user_owner;
CREATE SCHEMA IF NOT EXISTS "order" AUTHORIZATION order_owner;
CREATE SCHEMA IF NOT EXISTS "audit" AUTHORIZATION audit_owner;
GRANT USAGE ON SCHEMA "user" TO user_service;
GRANT USAGE ON SCHEMA "order" TO order_service;
GRANT USAGE ON SCHEMA "audit" TO audit_service;
