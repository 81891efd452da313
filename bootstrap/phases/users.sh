# cloud-init has made the user and given it its keys and sudo long before, so that a converge can mend whatever failed
# on the way here; here all of them are kept as rendered.
phase_users() {
  id deploy >/dev/null 2>&1 || change 'add the user deploy' useradd -m -s /bin/bash deploy
  # Whoever may use Docker is root already; the sudo rule below says so openly.
  id -nG deploy 2>/dev/null | grep -qw docker || change 'deploy joins the group docker' gpasswd -a deploy docker
  [ "$(passwd -S deploy 2>/dev/null | cut -d' ' -f2)" != P ] || change "lock deploy's password" passwd -l deploy
  directory /home/deploy/.ssh 700 deploy
  file /home/deploy/.ssh/authorized_keys 600 deploy <<<"$deploy_keys"
  file /etc/sudoers.d/cogni 440 root <<<'deploy ALL=(ALL:ALL) NOPASSWD: ALL'
}
