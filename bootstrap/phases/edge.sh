# The edge is started where it is not running, and never touched where it is: what differs is only reported.
# Its files lie beside this script as rendered, and go to /opt/cogni/edge before a start.
phase_edge() {
  local path
  # Docker Compose of an `edge apply` that was cut off goes on: what it is replacing does not run for a moment.
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

# Of whatever makes its container: `edge apply` holds it as well.
edge_at_work=$state/deploy/edge.at-work.lock

# As words, because timeout takes a program and no function.
edge_compose=(docker compose -p cogni-edge --project-directory /opt/cogni/edge -f /opt/cogni/edge/compose.yaml)
compose() { "${edge_compose[@]}" "$@"; }

# Those that differ; of the seeds, which deploys change, those that are missing.
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

# 503 until the first deploy, or a redirect once there is a certificate. On a host that was deployed to, any answer.
wait_for_edge() {
  local code expected='503|30.' path until=$((SECONDS + 60))
  for path in $edge_seeds; do
    cmp -s "$here/edge/$path" "/opt/cogni/edge/$path" || expected='[1-5]..'
  done
  while ((SECONDS < until)); do
    # Longer than the edge itself waits for an application that is not there.
    code=$(curl -s -o /dev/null -m 15 -w '%{http_code}' -H "Host: $edge_domain" http://127.0.0.1/ || true)
    if [[ $code =~ ^($expected)$ ]]; then return; fi
    sleep 1
  done
  compose logs --tail 30
  die "http://127.0.0.1/ answers $code for $edge_domain after 60 s, not 503"
}
