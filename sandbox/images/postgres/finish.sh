#!/bin/sh
# What the official image adds to the packages.
set -eu
root=$1
major=15

chroot "$root" localedef -i en_US -c -f UTF-8 -A /usr/share/locale/locale.alias en_US.UTF-8
rm -rf "$root/usr/share/i18n"

sample="$root/usr/share/postgresql/$major/postgresql.conf.sample"
sed -i "s/^#*listen_addresses *=.*/listen_addresses = '*'/" "$sample"
grep -q "^listen_addresses = '\*'" "$sample"

mkdir -p "$root/docker-entrypoint-initdb.d"
# Group and mode let a container that is started as another user use them as well.
chroot "$root" install -d -o postgres -g postgres -m 1777 /var/lib/postgresql /var/lib/postgresql/data
chroot "$root" install -d -o postgres -g postgres -m 3777 /var/run/postgresql

# The package's example: without a configuration of ours pgBackRest must not run.
rm "$root/etc/pgbackrest.conf"

# shellcheck disable=SC2016
chroot "$root" dpkg-query -W -f '${Version}\n' "postgresql-$major" > "$RESULT/version"
