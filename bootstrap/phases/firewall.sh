# Docker publishes ports past the INPUT chain, so both ways in are closed: INPUT for the host, DOCKER-USER for
# containers. Packets to a published port are recognised by the port they were sent to, before Docker rewrote it.
phase_firewall() {
  local link enabled=yes
  file /etc/systemd/system/cogni-firewall.service 644 root <<'END'
[Unit]
Description=Firewall: 22, 80 and 443 only, Docker's ports as well
DefaultDependencies=no
After=systemd-modules-load.service local-fs.target
Wants=network-pre.target
Before=network-pre.target docker.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/opt/cogni/bootstrap/bootstrap.sh firewall
[Install]
WantedBy=multi-user.target
# Without its rules Docker would publish ports to everybody: no firewall, no Docker.
RequiredBy=docker.service
END
  ! pending || change 'systemctl daemon-reload' systemctl daemon-reload
  for link in multi-user.target.wants docker.service.requires; do
    [ -e /etc/systemd/system/$link/cogni-firewall.service ] || enabled=no
  done
  [ $enabled = yes ] || change 'enable cogni-firewall at boot' systemctl -q reenable cogni-firewall
  [ "$(firewall_now)" = "$(cat $memory/firewall 2>/dev/null)" ] || change 'load the firewall rules' load_firewall
}

# What is loaded, what comes first, and what would be: equal to what was noted after loading, or somebody changed one
# of them.
firewall_now() {
  local tables
  for tables in $(firewall_families); do
    $tables -S 2>/dev/null | grep -i cogni || true
    $tables -S INPUT 1 2>/dev/null || true
    $tables -S DOCKER-USER 1 2>/dev/null || true
  done
  declare -f load_firewall jump_first firewall_rules | cksum
}

# A kernel that was started without IPv6 has no tables for it, and nothing to close.
firewall_families() {
  echo iptables
  [ ! -e /proc/net/if_inet6 ] || echo ip6tables
}

# Each family's chains are replaced in one transaction; the jumps to them are put first, where they are not.
load_firewall() {
  local tables hook
  [ -e /proc/net/if_inet6 ] || say '  this host has no IPv6: no rules for it'
  for tables in $(firewall_families); do
    $tables -w 30 -N DOCKER-USER 2>/dev/null || true
    firewall_rules "$tables" | "$tables-restore" -w 30 --noflush
    for hook in INPUT DOCKER-USER; do
      jump_first "$tables" "$hook"
    done
  done
  mkdir -p $memory
  firewall_now >$memory/firewall
}

# A rule before the jump could let in what it refuses. The new one is in before older ones go, last position first.
jump_first() {
  local rule="-A $2 -m comment --comment cogni -j COGNI-$2" position
  [ "$($1 -w 30 -S "$2" 1 2>/dev/null)" != "$rule" ] || return 0
  $1 -w 30 -I "$2" -m comment --comment cogni -j "COGNI-$2"
  for position in $($1 -w 30 -S "$2" | grep '^-A' | grep -nxF -- "$rule" | cut -d: -f1 | sort -rn | head -n -1); do
    $1 -w 30 -D "$2" "$position"
  done
}

firewall_rules() {
  local icmp=icmp dhcp=''
  # Answers to a multicast: no connection that conntrack knows (RFC 8415, section 7.2).
  [ "$1" = iptables ] ||
    icmp=ipv6-icmp dhcp='-A COGNI-INPUT -p udp -s fe80::/10 --sport 547 --dport 546 -j ACCEPT'
  cat <<END
*filter
:COGNI-INPUT - [0:0]
:COGNI-DOCKER-USER - [0:0]
-A COGNI-INPUT -i lo -j ACCEPT
-A COGNI-INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A COGNI-INPUT -p $icmp -j ACCEPT
$dhcp
-A COGNI-INPUT -p tcp -m multiport --dports 22,80,443 -j ACCEPT
-A COGNI-INPUT -p udp --dport 443 -j ACCEPT
-A COGNI-INPUT -j DROP
-A COGNI-DOCKER-USER -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN
-A COGNI-DOCKER-USER -i docker+ -j RETURN
-A COGNI-DOCKER-USER -i br-+ -j RETURN
-A COGNI-DOCKER-USER -p tcp -m conntrack --ctstate DNAT --ctorigdstport 80 -j RETURN
-A COGNI-DOCKER-USER -p tcp -m conntrack --ctstate DNAT --ctorigdstport 443 -j RETURN
-A COGNI-DOCKER-USER -p udp -m conntrack --ctstate DNAT --ctorigdstport 443 -j RETURN
-A COGNI-DOCKER-USER -j DROP
COMMIT
END
}
