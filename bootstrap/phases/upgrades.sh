# Without reboots: a reboot is a person's decision. Origins stay the distribution's choice: security updates.
phase_upgrades() {
  local timer
  file /etc/apt/apt.conf.d/52cogni 644 root <<'END'
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
Unattended-Upgrade::Automatic-Reboot "false";
END
  for timer in apt-daily.timer apt-daily-upgrade.timer; do
    systemctl is-enabled -q $timer 2>/dev/null || change "enable $timer" systemctl -q enable --now $timer
  done
}
