#!/usr/bin/env bash
# Made from bootstrap/phases of cogni-infra, where the comments are. Brought up to date by "cogni host converge".
set -Eeuo pipefail
export HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=settings
. "$here/settings"
state=/var/lib/cogni
memory=/run/cogni
log=/var/log/cogni-bootstrap.log
mode=run phase=start doing='' failed='' changes=0 total=0 differs=0 different=0 timings=''
say() { printf '%s %s\n' "$(date -u +%FT%TZ)" "$*" >&2; }
die() {
  failed=$*
  return 1
}
change() {
  changes=$((changes + 1))
  if [ "$mode" = check ]; then
    printf '%s\tacts\t%s\n' "$phase" "$1"
    return
  fi
  say "  $1"
  doing=${*:2}
  touch "$memory/pending.$phase"
  "${@:2}"
}
pending() { ((changes)) || [ -e "$memory/pending.$phase" ]; }
file() {
  local text
  text=$(cat)
  if [ "$(stat -c '%a %U' "$1" 2>/dev/null)" != "$2 $3" ] || ! printf '%s\n' "$text" | cmp -s - "$1"; then
    change "write $1" put "$1" "$2" "$3" "$text"
  fi
}
put() {
  mkdir -p "${1%/*}" && printf '%s\n' "$4" >"$1.new" && chown "$3:" "$1.new" && chmod "$2" "$1.new" && mv "$1.new" "$1"
}
directory() {
  [ "$(stat -c '%a %U' "$1" 2>/dev/null)" = "$2 $3" ] ||
    change "directory $1, mode $2, of $3" install -d -m "$2" -o "$3" -g "$3" "$1"
}
retry() {
  local n
  for ((n = 1; n <= $1; n++)); do
    if "${@:2}"; then return; fi
    say "  attempt $n of $1 failed: ${*:2}"
    if ((n < $1)); then sleep $((n * 5)); fi
  done
  die "${*:2}"
}
json() {
  local s=${1//\\/\\\\}
  s=${s//\"/\\\"}
  printf '"%s"' "${s//[[:cntrl:]]/ }"
}
marker() {
  if ! put "$state/$1" 644 root "$2" 2>/dev/null; then
    rm -f "$state/$1.new"
    put "$memory/$1" 644 root "$2"
  fi
}
phases=(identity packages docker network users directories ssh firewall upgrades swap journald edge finished)
phase_identity() {
  local key
  if [ -s $state/enrollment ]; then
    change 'prove the host keys, erase the token' prove_host_keys
    return
  fi
  for key in /etc/ssh/ssh_host_*_key.pub; do
    grep -qsF "$(cut -d' ' -f1,2 "$key") " $state/host-key.proof $memory/host-key.proof ||
      say "  no proof of $key, and no token to make one"
  done
}
prove_host_keys() {
  python3 - <<'END'
import base64, glob, hashlib, hmac, os, re, sys
token_file = '/var/lib/cogni/enrollment'
token = open(token_file, 'rb').read().strip()
proof = b''
for path in sorted(glob.glob('/etc/ssh/ssh_host_*_key.pub')):
    key = b' '.join(open(path, 'rb').read().split()[:2])
    proof += key + b' ' + hmac.new(token, key, hashlib.sha256).hexdigest().encode() + b'\n'
if not proof:
    sys.exit('there is no host key in /etc/ssh')
for folder in ('/var/lib/cogni', '/run/cogni'):
    path = folder + '/host-key.proof'
    try:
        with open(path + '.new', 'wb') as new:
            new.write(proof)
        os.replace(path + '.new', path)
        os.sync()
        break
    except OSError as error:
        print(error)
else:
    sys.exit('the proof could not be written')
def encoded(before):
    text = base64.b64encode(b'.' * before + token)
    whole = text[-(-before * 8 // 6):(before + len(token)) * 8 // 6]
    return rb'(?:\\n|\n)?'.join(re.escape(bytes([byte])) for byte in whole)
copies = re.compile(b'|'.join([re.escape(token)] + [encoded(before) for before in range(3)]))
def crossed(copy):
    return re.sub(rb'(\\n|\n)|.', lambda byte: byte[1] or b'x', copy[0])
def erase(path):
    with open(path, 'r+b') as file:
        text = file.read()
        if copies.search(text):
            file.seek(0)
            file.write(copies.sub(crossed, text))
            file.flush()
            os.fsync(file.fileno())
for top in ('/var/lib/cloud', '/run/cloud-init'):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            try:
                if os.path.isfile(path) and not os.path.islink(path):
                    erase(path)
            except OSError as error:
                print('not erased:', error)
erase(token_file)
os.remove(token_file)
END
}
phase_packages() {
  local missing=() package
  for package in docker.io docker-compose-v2 iptables unattended-upgrades sudo curl; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] || change "install ${missing[*]}" install_packages "${missing[@]}"
}
install_packages() {
  dpkg --configure -a || true
  retry 4 after_others apt -o APT::Update::Error-Mode=any update
  retry 2 apt install -y --no-install-recommends "$@"
}
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
apt() {
  NEEDRESTART_SUSPEND=1 NEEDRESTART_MODE=a timeout 900 apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o Dpkg::Options::=--force-confold "$@"
}
phase_docker() {
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
restart_docker() {
  systemctl try-reload-or-restart docker
  systemctl restart docker
}
phase_network() {
  getent hosts "$(hostname)" >/dev/null || change 'name this host in /etc/hosts' name_host
  docker network inspect cogni-edge >/dev/null 2>&1 ||
    change 'create the network cogni-edge' docker network create cogni-edge
}
name_host() { printf '127.0.1.1\t%s\n' "$(hostname)" >>/etc/hosts; }
phase_users() {
  id deploy >/dev/null 2>&1 || change 'add the user deploy' useradd -m -s /bin/bash deploy
  id -nG deploy 2>/dev/null | grep -qw docker || change 'deploy joins the group docker' gpasswd -a deploy docker
  [ "$(passwd -S deploy 2>/dev/null | cut -d' ' -f2)" != P ] || change "lock deploy's password" passwd -l deploy
  directory /home/deploy/.ssh 700 deploy
  file /home/deploy/.ssh/authorized_keys 600 deploy <<<"$deploy_keys"
  file /etc/sudoers.d/cogni 440 root <<<'deploy ALL=(ALL:ALL) NOPASSWD: ALL'
}
phase_directories() {
  directory /opt/cogni 755 root
  directory /opt/cogni/edge 755 deploy
  directory /opt/cogni/runtime 750 deploy
  directory /opt/cogni/sourcecred 750 deploy
  directory $state 755 root
  directory $state/deploy 750 deploy
}
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
sshd_allows() {
  local option effective
  mkdir -p /run/sshd
  effective=$(sshd -T)
  for option in 'permitrootlogin no' 'passwordauthentication no' 'kbdinteractiveauthentication no'; do
    grep -qx "$option" <<<"$effective" || echo "not $option"
  done
}
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
RequiredBy=docker.service
END
  ! pending || change 'systemctl daemon-reload' systemctl daemon-reload
  for link in multi-user.target.wants docker.service.requires; do
    [ -e /etc/systemd/system/$link/cogni-firewall.service ] || enabled=no
  done
  [ $enabled = yes ] || change 'enable cogni-firewall at boot' systemctl -q reenable cogni-firewall
  [ "$(firewall_now)" = "$(cat $memory/firewall 2>/dev/null)" ] || change 'load the firewall rules' load_firewall
}
firewall_now() {
  local tables
  for tables in $(firewall_families); do
    $tables -S 2>/dev/null | grep -i cogni || true
    $tables -S INPUT 1 2>/dev/null || true
    $tables -S DOCKER-USER 1 2>/dev/null || true
  done
  declare -f load_firewall jump_first firewall_rules | cksum
}
firewall_families() {
  echo iptables
  [ ! -e /proc/net/if_inet6 ] || echo ip6tables
}
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
phase_swap() {
  if [ "$swap_bytes" = 0 ] || has_swap; then return; fi
  if systemd-detect-virt -cq; then
    say '  no swap in a container'
    return
  fi
  change "swap on /swapfile, $swap_bytes bytes" make_swap
}
has_swap() { swap_in_use && [ "$(stat -c %s /swapfile)" = "$swap_bytes" ] && swap_at_boot; }
swap_at_boot() { grep -q '^/swapfile ' /etc/fstab; }
swap_in_use() { swapon --show=NAME --noheadings | grep -qx /swapfile; }
make_swap() {
  local free old
  free=$(df --output=avail -B1 / | tail -n 1)
  old=$(stat -c '%b * %B' /swapfile 2>/dev/null || echo 0)
  ((free + old >= swap_bytes + (256 << 20))) ||
    die "no room for /swapfile: $swap_bytes bytes and 256 MiB to spare, and / has $((free + old)) bytes free"
  if swap_in_use; then swapoff /swapfile; fi
  rm -f /swapfile
  if ! fill_swap; then
    rm -f /swapfile
    die '/swapfile could not be made and used; it is gone again'
  fi
  swap_at_boot || echo '/swapfile none swap sw 0 0' >>/etc/fstab
}
fill_swap() {
  install -m 600 /dev/null /swapfile &&
    { fallocate -l "$swap_bytes" /swapfile || head -c "$swap_bytes" /dev/zero >/swapfile; } &&
    mkswap /swapfile && swapon /swapfile
}
phase_journald() {
  file /etc/systemd/journald.conf.d/cogni.conf 644 root <<'END'
[Journal]
Storage=persistent
SystemMaxUse=200M
RuntimeMaxUse=50M
END
  ! pending || change 'restart journald' systemctl restart systemd-journald
}
phase_edge() {
  local path
  [ ! -e "$edge_at_work" ] || flock -w 150 "$edge_at_work" true || die 'Docker Compose is at work on the edge'
  if [ -n "$(compose ps -q --status running 2>/dev/null)" ]; then
    while read -r path; do
      differs=$((differs + 1))
      if [ "$mode" = check ]; then
        printf 'edge\tdiffers\t%s\n' "$path"
      else
        say "  left as it is, although rendered otherwise: /opt/cogni/edge/$path"
      fi
    done < <(edge_files_to_write)
    return
  fi
  change 'start the edge' start_edge
}
edge_at_work=$state/deploy/edge.at-work.lock
edge_compose=(docker compose -p cogni-edge --project-directory /opt/cogni/edge -f /opt/cogni/edge/compose.yaml)
compose() { "${edge_compose[@]}" "$@"; }
edge_files_to_write() {
  local path
  (cd "$here/edge" && find . -type f -printf '%P\n') | sort | while read -r path; do
    if [[ " $edge_seeds " = *" $path "* ]]; then
      [ -e "/opt/cogni/edge/$path" ] || echo "$path"
    else
      cmp -s "$here/edge/$path" "/opt/cogni/edge/$path" || echo "$path"
    fi
  done
}
start_edge() {
  local taken image path
  taken=$(ss -Hlntup '( sport = :80 or sport = :443 )')
  [ -z "$taken" ] || die "port 80 or 443 is taken on this host: $(tr -s ' ' <<<"$taken" | head -c 300)"
  for path in $(edge_files_to_write); do
    install -D -m "$(stat -c %a "$here/edge/$path")" "$here/edge/$path" "/opt/cogni/edge/$path"
  done
  chown -R deploy: /opt/cogni/edge
  for image in $(compose config --images); do
    [[ $image = *@sha256:* ]] || die "the edge's image is not named by digest: $image"
  done
  retry 4 timeout -k 10 300 "${edge_compose[@]}" pull -q
  timeout -k 10 330 flock -w 150 "$edge_at_work" "${edge_compose[@]}" up -d
  wait_for_edge
}
wait_for_edge() {
  local code expected='503|30.' path until=$((SECONDS + 60))
  for path in $edge_seeds; do
    cmp -s "$here/edge/$path" "/opt/cogni/edge/$path" || expected='[1-5]..'
  done
  while ((SECONDS < until)); do
    code=$(curl -s -o /dev/null -m 15 -w '%{http_code}' -H "Host: $edge_domain" http://127.0.0.1/ || true)
    if [[ $code =~ ^($expected)$ ]]; then return; fi
    sleep 1
  done
  compose logs --tail 30
  die "http://127.0.0.1/ answers $code for $edge_domain after 60 s, not 503"
}
phase_finished() {
  local edge_differs
  edge_differs=$(edge_files_to_write | sed 's/.*/"&"/' | paste -sd, -)
  if ((total)) || ! grep -sF "\"document\":\"$revision\"" $state/bootstrap.ok |
    grep -qF "\"edgeDiffers\":[$edge_differs]"; then
    change 'note that all of it is done' note_success "$edge_differs"
  fi
}
note_success() {
  local docker compose
  docker=$(docker version -f '{{.Server.Version}}')
  compose=$(docker compose version --short)
  marker bootstrap.ok "{\"time\":\"$(date -u +%FT%TZ)\",\"document\":\"$revision\",\"edgeDiffers\":[$1],\
\"versions\":{\"docker\":$(json "$docker"),\
\"compose\":$(json "$compose"),\"kernel\":$(json "$(uname -r)")},\"milliseconds\":{${timings#,}}}"
}
main() {
  mode=${1:-run}
  [ $# = 0 ] || shift
  [ $# != 0 ] || set -- "${phases[@]}"
  for phase in "$@"; do
    declare -F "phase_$phase" >/dev/null || usage "there is no phase $phase"
  done
  [ "$(id -u)" = 0 ] || usage 'only root can do this'
  mkdir -p $memory
  case $mode in
    firewall) load_firewall ;;
    run | check)
      exec 9>>$memory/lock
      if ! flock -w 5 9; then
        echo 'another run of the bootstrap is under way on this host' >&2
        exit 75
      fi
      echo $$ >$memory/pid
      trap 'note_failure "$BASH_COMMAND"' ERR
      trap finish EXIT
      trap 'failed="ended by a signal"; exit 143' TERM INT HUP
      "${mode}_phases" "$@"
      ;;
    *) usage "there is no mode $mode" ;;
  esac
}
usage() {
  printf '%s\nusage: bootstrap.sh [run|check [PHASE...]] | firewall\nphases: %s\n' "$1" "${phases[*]}" >&2
  exit 64
}
run_phases() {
  local started
  mkdir -p $state
  head -c 65536 /dev/zero >$state/.reserve || rm -f $state/.reserve
  rm -f $state/bootstrap.fail $memory/bootstrap.fail
  exec > >(trap '' TERM INT HUP; exec tee -a $memory/bootstrap.log $log) 2>&1
  say "bootstrap of document ${revision:0:12}"
  for phase in "$@"; do
    changes=0 started=${EPOCHREALTIME/./}
    say "phase $phase begins"
    "phase_$phase"
    rm -f "$memory/pending.$phase"
    total=$((total + changes))
    timings+=",\"$phase\":$(((${EPOCHREALTIME/./} - started) / 1000))"
    say "phase $phase done: $changes changes, ${timings##*:} ms"
  done
  ((total)) || say 'nothing had to change'
}
check_phases() {
  for phase in "$@"; do
    changes=0 differs=0
    "phase_$phase"
    ((changes + differs)) || printf '%s\tok\t\n' "$phase"
    total=$((total + changes)) different=$((different + differs))
  done
  if ((total)); then exit 10; fi
  if ((different)); then exit 11; fi
}
note_failure() {
  if [ -n "$failed" ]; then return; fi
  if [[ $1 = *'@:2'* ]]; then failed=$doing; else failed=$1; fi
}
finish() {
  local code=$?
  trap - ERR EXIT
  trap '' TERM INT HUP PIPE
  set +e
  rm -f $state/.reserve
  if [ "$mode" = check ]; then
    [[ $code = 0 || $code = 1[01] ]] || printf '%s\tfailed\t%s\n' "$phase" "$failed"
  elif [ $code != 0 ]; then
    say "phase $phase failed with exit code $code: $failed"
    rm -f $state/bootstrap.ok
    marker bootstrap.fail "{\"time\":\"$(date -u +%FT%TZ)\",\"document\":\"$revision\",\"phase\":\"$phase\",\
\"exitCode\":$code,\"command\":$(json "$failed")}"
  fi
  exit $code
}
main "$@"
