# bootstrap.sh [run [PHASE...]]   brings this host to what is rendered; a marker says how it ended
# bootstrap.sh check [PHASE...]   changes nothing; prints `phase <tab> ok|acts|differs|failed <tab> what`; exit code
#                                 0: nothing to do, 10: would act, 11: only the running edge differs
# bootstrap.sh firewall           loads the firewall rules: what cogni-firewall.service does at boot
# Exit code 75: another run is under way.
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
  # Room for the failure marker on a disk that fills up.
  mkdir -p $state
  head -c 65536 /dev/zero >$state/.reserve || rm -f $state/.reserve
  rm -f $state/bootstrap.fail $memory/bootstrap.fail
  # The copy in memory is whole when the disk is full. A signal to all must not take the log away from `finish`.
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

# The innermost failed command; one that `change` ran with its values.
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
