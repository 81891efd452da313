phase_network() {
  # sudo asks for the host's own name, and would wait for a DNS server that does not know it.
  getent hosts "$(hostname)" >/dev/null || change 'name this host in /etc/hosts' name_host
  docker network inspect cogni-edge >/dev/null 2>&1 ||
    change 'create the network cogni-edge' docker network create cogni-edge
}

name_host() { printf '127.0.1.1\t%s\n' "$(hostname)" >>/etc/hosts; }
