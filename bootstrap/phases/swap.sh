phase_swap() {
  if [ "$swap_bytes" = 0 ] || swapon --show=NAME --noheadings | grep -qx /swapfile; then return; fi
  # A container has no swap of its own: this would be the machine's below it.
  if systemd-detect-virt -cq; then
    say '  no swap in a container'
    return
  fi
  change "swap on /swapfile, $swap_bytes bytes" make_swap
}

make_swap() {
  swapoff /swapfile 2>/dev/null || true
  rm -f /swapfile
  # Where the file system cannot allocate without holes, zeros are written.
  fallocate -l "$swap_bytes" /swapfile || head -c "$swap_bytes" /dev/zero >/swapfile
  chmod 600 /swapfile
  mkswap /swapfile
  swapon /swapfile
  grep -q '^/swapfile ' /etc/fstab || echo '/swapfile none swap sw 0 0' >>/etc/fstab
}
