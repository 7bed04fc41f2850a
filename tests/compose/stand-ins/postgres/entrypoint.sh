#!/bin/bash
# As much of the official image's entrypoint as docker-compose.yaml relies on: an empty folder becomes a cluster whose
# superuser has the password of a file.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 0700 "$PGDATA"
  initdb --username=postgres --pwfile="${POSTGRES_PASSWORD_FILE:?}" --auth-host=scram-sha-256 --auth-local=trust > /dev/null
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
exec "$@" -c listen_addresses='*'
