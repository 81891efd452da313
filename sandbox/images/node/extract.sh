#!/bin/sh
# Puts Node.js in, the packages of the application, and the user that it runs as.
set -eu
root=$1

install -D -m 0755 "$NODE" "$root/usr/local/bin/node"
echo 'app:x:1001:' >> "$root/etc/group"
echo 'app:x:1001:1001::/app:/bin/false' >> "$root/etc/passwd"
mkdir -p "$root/app"
cp -r "$NODE_MODULES" "$root/app/node_modules"
chown -R 0:0 "$root/app"
