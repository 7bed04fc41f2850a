# Installs Debian packages (arguments; "a|b" is the first that exists) without starting their servers.
# Read by `sh -s`, as root. Whatever it puts in place for the duration it takes away again, however it ends.
set -eu
export DEBIAN_FRONTEND=noninteractive
# apt-cache's words are read below.
export LC_ALL=C
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d
no_cluster=$clusters/tracechain-install.conf
mark='# by tracechain, for the duration of an installation'

restore() {
  # Ours only: a machine may have a policy of its own.
  if [ -f "$policy" ] && grep -qF "$mark" "$policy"; then rm -f "$policy"; fi
  rm -f "$no_cluster"
  rmdir "$clusters" 2>/dev/null || true
}
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

apt() {
  # Another installation may hold the lock; two minutes is longer than most take.
  apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

known() {
  apt-cache policy "$1" | grep -q 'Candidate: [^(]'
}

# A policy of the machine's own stays; where it lets servers start, that is its owner's wish.
if [ ! -e "$policy" ] || grep -qF "$mark" "$policy"; then
  printf '#!/bin/sh\n%s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi
# Included by createcluster.conf, so that file need not be touched.
case "$*" in
*postgresql*)
  mkdir -p "$clusters"
  printf '%s\ncreate_main_cluster = false\n' "$mark" >"$no_cluster"
  ;;
esac

updated=
chosen=
disable=
for names in "$@"; do
  found=
  while :; do
    for name in $(printf '%s' "$names" | tr '|' ' '); do
      if known "$name"; then found=$name; break; fi
    done
    if [ -n "$found" ] || [ -n "$updated" ]; then break; fi
    apt update
    updated=yes
  done
  if [ -z "$found" ]; then
    echo "no package source has $names" >&2
    exit 1
  fi
  chosen="$chosen $found"
  case $found in nginx*) disable="$disable nginx" ;; esac
done

# Stale lists name files that are gone from the mirror: read them again once.
# shellcheck disable=SC2086 # a list of package names
apt install --no-install-recommends $chosen || {
  [ -z "$updated" ]
  apt update
  apt install --no-install-recommends $chosen
}

# Nobody asked for a web server that starts with the machine.
if [ -n "$disable" ] && [ -d /run/systemd/system ]; then
  # shellcheck disable=SC2086 # a list of units
  systemctl disable --quiet $disable || true
fi
