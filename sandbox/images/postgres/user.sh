#!/bin/sh
# Before the packages come: the user must have the number that the official image gives it, since volumes hold it, and
# Debian must not make a cluster of its own.
set -eu
root=$1

echo 'postgres:x:999:' >> "$root/etc/group"
echo 'postgres:x:999:999::/var/lib/postgresql:/bin/bash' >> "$root/etc/passwd"
echo 'postgres:*:19000::::::' >> "$root/etc/shadow"
mkdir -p "$root/etc/postgresql-common"
echo 'create_main_cluster = false' > "$root/etc/postgresql-common/createcluster.conf"
