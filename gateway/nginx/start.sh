#!/bin/sh
# Starts the gateway in a container:
#
#   start.sh otel     on nginx with its OpenTelemetry module; the access log goes to standard output
#   start.sh native   on stock nginx; gateway-spans, which shares the run directory, makes the spans of the access log
#   start.sh health   whether the running one answers
#
# It fills in the words like ${GATEWAY_LISTEN} of the files beside it, into the run directory, and becomes nginx. A value
# that cannot be used ends it with the variable's name. The settings are described in docs/SETTINGS.md; with the same ones
# `cargo stack up` renders the same files, but for what differs below: the names of hosts, and how many workers there are.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
problems=

# Names for hosts and ports are those of docker-compose.yaml.
: "${GATEWAY_RUN_DIRECTORY:=/run/gateway}"
: "${GATEWAY_LISTEN:=8080}"
: "${GATEWAY_USER_UPSTREAM:=user-service:5001}"
: "${GATEWAY_ORDER_UPSTREAM:=order-service:5002}"
: "${GATEWAY_AUDIT_UPSTREAM:=audit-service:5003}"
# A container sees all cores of its host, and each worker has 15 MiB; one does some 10,000 requests a second.
: "${GATEWAY_WORKERS:=2}"
: "${GATEWAY_RATE_PER_SECOND:=1000}"
: "${GATEWAY_BURST:=200}"
: "${GATEWAY_CONNECTIONS_PER_ADDRESS:=512}"
: "${GATEWAY_BODY_BYTES:=262144}"
: "${GATEWAY_HEADER_TIMEOUT_MS:=5000}"
: "${GATEWAY_BODY_TIMEOUT_MS:=5000}"
: "${GATEWAY_CONNECT_TIMEOUT_MS:=1000}"
: "${GATEWAY_READ_TIMEOUT_MS:=10000}"
: "${TRUST_INBOUND_TRACE:=0}"
: "${OTEL_TRACES_SAMPLER:=parentbased_always_on}"
: "${OTEL_TRACES_SAMPLER_ARG:=1}"
: "${OTEL_SDK_DISABLED:=false}"
: "${OTEL_EXPORTER_OTLP_ENDPOINT:=http://otel-collector:4317}"
: "${OTEL_RESOURCE_ATTRIBUTES:=}"
: "${NGINX_OTEL_MODULE:=/usr/lib/nginx/modules/ngx_otel_module.so}"

# All wrong values are told at once.
wrong() {
    echo "gateway: $1" >&2
    problems=yes
}

# must NAME EXTENDED-REGULAR-EXPRESSION WHAT-IT-IS-NOT
must() {
    eval "value=\$$1"
    # Each line of it, so that a second one brings nothing in.
    if printf '%s\n' "$value" | grep -Eqvx "$2"; then
        wrong "$1: \"$value\" is not $3"
    fi
}

check() {
    must GATEWAY_RUN_DIRECTORY '/[A-Za-z0-9/._-]*' 'an absolute path'
    must GATEWAY_LISTEN '([][A-Za-z0-9.:_-]+:)?[0-9]{1,5}' 'a port, or an address and a port'
    for name in GATEWAY_USER_UPSTREAM GATEWAY_ORDER_UPSTREAM GATEWAY_AUDIT_UPSTREAM; do
        must $name '[][A-Za-z0-9.:_-]+:[0-9]{1,5}' 'a host and a port'
    done
    must GATEWAY_WORKERS 'auto|[1-9][0-9]{0,2}' 'auto, or a number from 1 to 999'
    for name in GATEWAY_RATE_PER_SECOND GATEWAY_BURST GATEWAY_BODY_BYTES GATEWAY_HEADER_TIMEOUT_MS \
        GATEWAY_BODY_TIMEOUT_MS GATEWAY_CONNECT_TIMEOUT_MS GATEWAY_READ_TIMEOUT_MS; do
        must $name '[1-9][0-9]{0,8}' 'a whole number above 0'
    done
    # nginx counts them in 16 bits.
    must GATEWAY_CONNECTIONS_PER_ADDRESS '[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}' 'a whole number from 1 to 64999'
    must TRUST_INBOUND_TRACE '[01]' '0 or 1'
    must OTEL_TRACES_SAMPLER '(parentbased_)?(always_on|always_off|traceidratio)' 'a sampler that the gateway knows'
    must OTEL_TRACES_SAMPLER_ARG '0*(0|1|0?\.[0-9]+|1\.0*|0\.)' 'a number between 0 and 1'
    must OTEL_SDK_DISABLED '[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]' 'true or false'
    must OTEL_EXPORTER_OTLP_ENDPOINT '(https?://)?[][A-Za-z0-9.:_-]+/?' 'the URL of a receiver of OTLP/gRPC'
    # Nothing that nginx, or a percent-encoding, would take for something else.
    must OTEL_RESOURCE_ATTRIBUTES '([A-Za-z0-9._-]+=[^],="\\$%{};]*(,|$))*' 'name=value, separated by commas, of plain characters'
    must NGINX_OTEL_MODULE '/[A-Za-z0-9/._+-]*' 'an absolute path'
    [ -z "$problems" ] || exit 2
}

# nginx counts ratios in hundredths of a percent, and knows neither 0 % nor 100 %: these are the other samplers.
sampler() {
    GATEWAY_SAMPLER=$OTEL_TRACES_SAMPLER
    GATEWAY_SAMPLED_PERCENT=50
    case $OTEL_TRACES_SAMPLER in *traceidratio)
        parent=${OTEL_TRACES_SAMPLER%traceidratio}
        GATEWAY_SAMPLED_PERCENT=$(awk -v ratio="$OTEL_TRACES_SAMPLER_ARG" 'BEGIN {
            percent = ratio * 100
            printf("%.2f", (percent < 0.01 ? 0.01 : (percent > 99.99 ? 99.99 : percent)))
        }')
        case $(awk -v ratio="$OTEL_TRACES_SAMPLER_ARG" 'BEGIN { print (ratio <= 0) - (ratio >= 1) }') in
            1) GATEWAY_SAMPLER=${parent}always_off GATEWAY_SAMPLED_PERCENT=50 ;;
            -1) GATEWAY_SAMPLER=${parent}always_on GATEWAY_SAMPLED_PERCENT=50 ;;
        esac
    esac
    case $OTEL_SDK_DISABLED in [Tt]*) GATEWAY_SAMPLER=always_off GATEWAY_SAMPLED_PERCENT=50 ;; esac
}

# From 1.27.3 on nginx looks names up again while it runs: a service may start later, or come back with another address.
resolver() {
    GATEWAY_RESOLVER='' GATEWAY_RESOLVE=''
    server=$(awk '$1 == "nameserver" { print $2; exit }' /etc/resolv.conf 2>/dev/null || true)
    case $server in '') return ;; *:*) server="[$server]" ;; esac
    if nginx -v 2>&1 | awk -F '[/. ]' '{ exit !($4 * 1000000 + $5 * 1000 + $6 >= 1027003) }'; then
        # Docker's answers would be kept for ten minutes; the services listen on IPv4.
        GATEWAY_RESOLVER="resolver $server valid=2s ipv6=off;"
        GATEWAY_RESOLVE=' resolve'
    fi
}

# What the spans come from, besides service.name. What the environment says comes first.
resource() {
    GATEWAY_RESOURCE=
    add() {
        case $GATEWAY_RESOURCE in *"otel_resource_attr \"$1\" "*) return ;; esac
        GATEWAY_RESOURCE="$GATEWAY_RESOURCE${GATEWAY_RESOURCE:+
}otel_resource_attr \"$1\" \"$2\";"
    }
    rest=$OTEL_RESOURCE_ATTRIBUTES,
    while [ -n "$rest" ]; do
        pair=${rest%%,*} rest=${rest#*,}
        case $pair in '' | service.name=*) ;; *) add "${pair%%=*}" "${pair#*=}" ;; esac
    done
    add service.instance.id "$(cat /proc/sys/kernel/random/uuid)"
    add deployment.environment.name development
}

# render FROM TO: a word without a value is a mistake in the files.
render() {
    awk '
        {
            rest = $0
            line = ""
            while (match(rest, /[$][{][A-Z_]+[}]/)) {
                word = substr(rest, RSTART + 2, RLENGTH - 3)
                if (!(word in ENVIRON)) {
                    print "gateway: " FILENAME " wants " word > "/dev/stderr"
                    exit 2
                }
                line = line substr(rest, 1, RSTART - 1) ENVIRON[word]
                rest = substr(rest, RSTART + RLENGTH)
            }
            print line rest
        }' "$1" > "$2"
}

start() {
    main=$1
    check
    sampler
    resolver
    resource
    # A container does not run as root; then nginx has no other user to be.
    GATEWAY_WORKER_USER=
    GATEWAY_OTLP_ENDPOINT=${OTEL_EXPORTER_OTLP_ENDPOINT%/}
    GATEWAY_OTLP_ENDPOINT=${GATEWAY_OTLP_ENDPOINT#http://}
    case $main in
        otel) : "${GATEWAY_ACCESS_LOG:=/dev/stdout}" ;;
        native) : "${GATEWAY_ACCESS_LOG:=$GATEWAY_RUN_DIRECTORY/access.log}" ;;
    esac
    must GATEWAY_ACCESS_LOG '/[A-Za-z0-9/._-]*' 'an absolute path'
    [ -z "$problems" ] || exit 2
    export GATEWAY_WORKER_USER GATEWAY_WORKERS GATEWAY_RUN_DIRECTORY GATEWAY_ACCESS_LOG GATEWAY_LISTEN \
        GATEWAY_USER_UPSTREAM GATEWAY_ORDER_UPSTREAM GATEWAY_AUDIT_UPSTREAM GATEWAY_RESOLVER GATEWAY_RESOLVE \
        TRUST_INBOUND_TRACE GATEWAY_SAMPLER GATEWAY_SAMPLED_PERCENT GATEWAY_RATE_PER_SECOND GATEWAY_BURST \
        GATEWAY_CONNECTIONS_PER_ADDRESS GATEWAY_BODY_BYTES GATEWAY_HEADER_TIMEOUT_MS GATEWAY_BODY_TIMEOUT_MS \
        GATEWAY_CONNECT_TIMEOUT_MS GATEWAY_READ_TIMEOUT_MS NGINX_OTEL_MODULE GATEWAY_OTLP_ENDPOINT GATEWAY_RESOURCE
    configuration=$GATEWAY_RUN_DIRECTORY/configuration
    mkdir -p "$configuration" || { echo "gateway: GATEWAY_RUN_DIRECTORY: $GATEWAY_RUN_DIRECTORY cannot be written to" >&2; exit 2; }
    # A killed nginx leaves its sockets behind, and the next one could not listen on them.
    rm -f "$GATEWAY_RUN_DIRECTORY"/*.sock
    for file in "$here"/*.conf; do
        render "$file" "$configuration/${file##*/}"
    done
    exec nginx -e stderr -p "$configuration" -c "$configuration/$main.conf"
}

# The images have one of the two.
health() {
    url=http://127.0.0.1:${GATEWAY_LISTEN##*:}/health
    if command -v wget > /dev/null; then
        exec wget -q -T 2 -O /dev/null "$url"
    fi
    exec curl -fsS -m 2 -o /dev/null "$url"
}

case ${1:-} in
    otel | native) start "$1" ;;
    health) health ;;
    *) echo 'usage: start.sh otel|native|health' >&2; exit 2 ;;
esac
