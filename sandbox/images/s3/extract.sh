#!/bin/sh
set -eu
root=$1
install -D -m 0755 "$VERSITYGW" "$root/bin/versitygw"
mkdir -p "$root/data/objects" "$root/data/versions" "$root/etc/s3"
