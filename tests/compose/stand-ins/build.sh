#!/usr/bin/env bash
# Builds stand-ins for images of the registry; see README.md. Usage: build.sh NAME=TAG..., a name being one of .env's
# variables, such as POSTGRES_IMAGE=postgres:18.4. The programs are given in OTELCOL_BIN, TEMPO_BIN, PROMETHEUS_BIN,
# PROMTOOL_BIN and LOKI_BIN. DOCKER_HOST says which engine gets them.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Tells them from the real ones.
label=tracechain.stand-in=yes
base=tracechain/stand-in-base:bookworm
# PostgreSQL 18 is in no release of Debian yet.
postgres_base=tracechain/stand-in-base:postgresql-18

mirror() {
  apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Identifier: Packages' |
    awk '$2 == "bookworm" || $2 == "stable" { print $1; exit }'
}

# import TAG SUITE PACKAGES [SCRIPT]: the smallest Debian with these packages, as an image of one layer.
import() {
  if docker image inspect "$1" > /dev/null 2>&1; then return; fi
  debootstrap --variant=minbase --include="$3" "$2" "$work/root" "$(mirror)" ${4:+"$4"} > "$work/log" 2>&1 ||
    { tail -n 5 "$work/log" >&2; return 1; }
  tar -C "$work/root" -c . | docker import \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$1" > /dev/null
  rm -rf "$work/root"
}

# build TAG FOLDER [CONTEXT]: of a folder beside this file, with what was put into the context.
build() {
  docker build --quiet --label "$label" --build-arg BASE="$base" --build-arg POSTGRES_BASE="$postgres_base" \
    --file "$here/$2/Dockerfile" --tag "$1" "${3:-$here/$2}" > /dev/null
}

# program TAG USER TARGET=BINARY...: a base with programs of this machine; the first one is what it runs.
program() {
  local tag=$1 user=$2 context=$work/program first
  shift 2
  first=${1%%=*}
  rm -rf "$context"
  for pair in "$@"; do
    install -D -m 0755 "${pair#*=}" "$context/root${pair%%=*}"
  done
  printf 'ARG BASE\nFROM ${BASE}\nCOPY root/ /\nUSER %s\nENTRYPOINT ["%s"]\n' "$user" "$first" > "$context/Dockerfile"
  docker build --quiet --label "$label" --build-arg BASE="$base" --tag "$tag" "$context" > /dev/null
}

import "$base" bookworm ca-certificates
for pair in "$@"; do
  name=${pair%%=*} tag=${pair#*=}
  echo "$name: a stand-in for $tag"
  case $name in
    RUST_IMAGE)
      context=$work/rust
      mkdir -p "$context/toolchain"
      cp -a "$(rustc --print sysroot)/." "$context/toolchain/"
      rm -rf "$context/toolchain/share/doc"
      # The builder trusts whom this machine trusts: a mirror of crates.io may have a certificate of its own.
      cp -L /etc/ssl/certs/ca-certificates.crt "$context/"
      build "$tag" rust "$context"
      ;;
    RUNTIME_IMAGE) build "$tag" runtime ;;
    NGINX_IMAGE) build "$tag" nginx ;;
    POSTGRES_IMAGE)
      import "$postgres_base" forky ca-certificates,postgresql-18 /usr/share/debootstrap/scripts/sid
      build "$tag" postgres
      ;;
    COLLECTOR_IMAGE) program "$tag" 10001 /otelcol-contrib="${OTELCOL_BIN:?}" ;;
    TEMPO_IMAGE) program "$tag" 10001 /tempo="${TEMPO_BIN:?}" ;;
    PROMETHEUS_IMAGE) program "$tag" 65534 /usr/bin/prometheus="${PROMETHEUS_BIN:?}" /usr/bin/promtool="${PROMTOOL_BIN:?}" ;;
    LOKI_IMAGE) program "$tag" 10001 /usr/bin/loki="${LOKI_BIN:?}" ;;
    *) echo "$name has no stand-in" >&2; exit 2 ;;
  esac
done
