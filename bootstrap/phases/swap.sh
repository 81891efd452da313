phase_swap() {
  if [ "$swap_bytes" = 0 ] || has_swap; then return; fi
  # A container has no swap of its own: this would be the machine's below it.
  if systemd-detect-virt -cq; then
    say '  no swap in a container'
    return
  fi
  change "swap on /swapfile, $swap_bytes bytes" make_swap
}

# In use, as big as rendered, and there again after a reboot.
has_swap() { swap_in_use && [ "$(stat -c %s /swapfile)" = "$swap_bytes" ] && swap_at_boot; }
swap_at_boot() { grep -q '^/swapfile ' /etc/fstab; }
swap_in_use() { swapon --show=NAME --noheadings | grep -qx /swapfile; }

# Room first: a disk that swap fills up stops everything else, and swap that is in use is not given up for nothing.
make_swap() {
  local free old
  free=$(df --output=avail -B1 / | tail -n 1)
  old=$(stat -c '%b * %B' /swapfile 2>/dev/null || echo 0)
  ((free + old >= swap_bytes + (256 << 20))) ||
    die "no room for /swapfile: $swap_bytes bytes and 256 MiB to spare, and / has $((free + old)) bytes free"
  if swap_in_use; then swapoff /swapfile; fi
  rm -f /swapfile
  if ! fill_swap; then
    rm -f /swapfile
    die '/swapfile could not be made and used; it is gone again'
  fi
  swap_at_boot || echo '/swapfile none swap sw 0 0' >>/etc/fstab
}

# Where the file system cannot allocate without holes, zeros are written.
fill_swap() {
  install -m 600 /dev/null /swapfile &&
    { fallocate -l "$swap_bytes" /swapfile || head -c "$swap_bytes" /dev/zero >/swapfile; } &&
    mkswap /swapfile && swapon /swapfile
}
