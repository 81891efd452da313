phase_journald() {
  file /etc/systemd/journald.conf.d/cogni.conf 644 root <<'END'
[Journal]
Storage=persistent
SystemMaxUse=200M
RuntimeMaxUse=50M
END
  ! pending || change 'restart journald' systemctl restart systemd-journald
}
