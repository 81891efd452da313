# Docker publishes ports past the INPUT chain, so both ways in are closed: INPUT for the host, DOCKER-USER for
# containers. Packets to a published port are recognised by the port they were sent to, before Docker rewrote it.
phase_firewall() {
  local before=$changes
  file /etc/systemd/system/cogni-firewall.service 644 root <<'END'
[Unit]
Description=Firewall: 22, 80 and 443 only, for Docker-published ports as well
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
END
  [ "$changes" = "$before" ] || change 'systemctl daemon-reload' systemctl daemon-reload
  systemctl is-enabled -q cogni-firewall 2>/dev/null ||
    change 'enable cogni-firewall at boot' systemctl -q enable cogni-firewall
  [ "$(firewall_now)" = "$(cat $memory/firewall 2>/dev/null)" ] || change 'load the firewall rules' load_firewall
}

# What is loaded, and what would be: equal to what was noted after loading, or somebody changed one of them.
firewall_now() {
  iptables -S 2>/dev/null | grep -i cogni || true
  ip6tables -S 2>/dev/null | grep -i cogni || true
  declare -f load_firewall firewall_rules | cksum
}

# Each family's chains are replaced in one transaction; the jumps to them are added where they are missing.
load_firewall() {
  local tables hook
  for tables in iptables ip6tables; do
    $tables -w 30 -N DOCKER-USER 2>/dev/null || true
    firewall_rules $tables | $tables-restore -w 30 --noflush
    for hook in INPUT DOCKER-USER; do
      $tables -w 30 -C $hook -m comment --comment cogni -j "COGNI-$hook" 2>/dev/null ||
        $tables -w 30 -I $hook -m comment --comment cogni -j "COGNI-$hook"
    done
  done
  mkdir -p $memory
  firewall_now >$memory/firewall
}

firewall_rules() {
  local icmp=icmp
  [ "$1" = iptables ] || icmp=ipv6-icmp
  cat <<END
*filter
:COGNI-INPUT - [0:0]
:COGNI-DOCKER-USER - [0:0]
-A COGNI-INPUT -i lo -j ACCEPT
-A COGNI-INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A COGNI-INPUT -p $icmp -j ACCEPT
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
