#!/bin/sh
# Puts Caddy in as its official image has it: the binary may bind ports below 1024 without being root.
set -eu
root=$1

install -D -m 0755 "$CADDY" "$root/usr/bin/caddy"
chroot "$root" /sbin/setcap cap_net_bind_service=+ep /usr/bin/caddy
mkdir -p "$root/config/caddy" "$root/data/caddy" "$root/etc/caddy" "$root/srv" "$root/usr/share/caddy"
chmod 1777 "$root/config/caddy" "$root/data/caddy"
