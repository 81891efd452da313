#!/bin/sh
# Turns unpacked packages into a root file system that programs can live in: what the maintainer scripts of the
# packages would have made, as far as a container needs it. Called by mmdebstrap with the root's path.
set -eu
root=$1

mkdir -p "$root/dev" "$root/etc/ssl/certs" "$root/proc" "$root/root" "$root/run" "$root/sys" "$root/tmp" "$root/var/tmp"
ln -sfn /run "$root/var/run"
chmod 0700 "$root/root"
chmod 1777 "$root/tmp" "$root/var/tmp"

cat > "$root/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
EOF
cat > "$root/etc/group" <<'EOF'
root:x:0:
nogroup:x:65534:
EOF
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"

# Every applet that no package brought: a shell, wget for health checks, and what a person looks around with.
chroot "$root" /bin/busybox --install -s

if [ -d "$root/usr/share/ca-certificates" ]; then
  find "$root/usr/share/ca-certificates" -name '*.crt' | sort | xargs cat > "$root/etc/ssl/certs/ca-certificates.crt"
fi

# Not needed to run anything: the packages' own records and the character set converters of the C library.
rm -rf "$root/var/lib/dpkg" "$root/var/lib/apt" "$root/var/cache" "$root"/usr/lib/*/gconv
