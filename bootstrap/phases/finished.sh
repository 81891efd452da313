# The revision is what this host was brought to, but for the files of a running edge, which are named beside it.
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
