# The first file that sets an option wins, and cloud-init's own is 50-cloud-init.conf. A client that vanished is given up
# after 45 s, and with it the lock that its deploy holds.
phase_ssh() {
  local conf=/etc/ssh/sshd_config.d/00-cogni.conf
  file $conf 644 root <<'END'
PermitRootLogin no
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowAgentForwarding no
X11Forwarding no
ClientAliveInterval 15
ClientAliveCountMax 3
END
  if pending || [ -n "$(sshd_allows)" ]; then change 'reload sshd' reload_sshd $conf; fi
}

# What sshd would still allow, whichever file says so.
sshd_allows() {
  local option effective
  mkdir -p /run/sshd
  effective=$(sshd -T)
  for option in 'permitrootlogin no' 'passwordauthentication no' 'kbdinteractiveauthentication no'; do
    grep -qx "$option" <<<"$effective" || echo "not $option"
  done
}

# Never reloads a configuration that sshd refuses, nor trusts one that another file overrules.
reload_sshd() {
  local allows
  mkdir -p /run/sshd
  if ! sshd -t; then
    rm "$1"
    die "sshd -t refuses the configuration with $1, which was taken away again"
  fi
  allows=$(sshd_allows)
  [ -z "$allows" ] || die "another file overrules $1: sshd -T says ${allows//$'\n'/, }"
  systemctl try-reload-or-restart ssh
}
