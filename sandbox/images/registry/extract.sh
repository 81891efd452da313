#!/bin/sh
set -eu
root=$1
install -D -m 0755 "$REGISTRY" "$root/bin/registry"
mkdir -p "$root/var/lib/registry" "$root/etc/distribution"
