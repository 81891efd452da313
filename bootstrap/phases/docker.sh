phase_docker() {
  # live-restore: an upgrade of the engine, which comes unattended, does not stop what serves.
  file /etc/docker/daemon.json 644 root <<'END'
{
  "live-restore": true,
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" }
}
END
  systemctl is-enabled -q docker 2>/dev/null || change 'enable docker' systemctl -q enable docker
  if pending || ! systemctl is-active -q docker; then
    change 'restart docker' restart_docker
  fi
}

# Reloaded first: that switches live-restore on, so that the restart stops no container.
restart_docker() {
  systemctl try-reload-or-restart docker
  systemctl restart docker
}
