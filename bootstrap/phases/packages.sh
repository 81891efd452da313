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
  retry 4 after_others apt -o APT::Update::Error-Mode=any update
  retry 2 apt install -y --no-install-recommends "$@"
}

# On a fresh machine the distribution's own timers hold apt's locks for minutes. For that of the lists apt does not wait.
after_others() {
  local output until=$((SECONDS + 300))
  until output=$("$@" 2>&1); do
    if [[ $output != *'Could not get lock'*/lists/lock* ]] || ((SECONDS >= until)); then
      printf '%s\n' "$output"
      return 1
    fi
    say '  waiting for another apt to end'
    sleep 5
  done
  printf '%s\n' "$output"
}

# needrestart, which Ubuntu has, would ask which services to restart, or restart them by itself.
apt() {
  NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=a timeout 900 apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@"
}
