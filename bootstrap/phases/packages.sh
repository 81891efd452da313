phase_packages() {
  local missing=() package
  for package in docker.io docker-compose-v2 iptables unattended-upgrades sudo curl; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] || change "install ${missing[*]}" install_packages "${missing[@]}"
}

install_packages() {
  # A first boot that lost its power half way through leaves dpkg in need of this; what it cannot mend, apt may.
  dpkg --configure -a || true
  retry 4 apt -o APT::Update::Error-Mode=any update
  retry 2 apt install -y --no-install-recommends "$@"
}

# On a fresh machine the distribution's own timers hold apt's locks for minutes.
apt() {
  timeout 900 apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@"
}
