phase_finished() {
  if ((total)) || ! grep -qsF "\"document\":\"$revision\"" $state/bootstrap.ok; then
    change 'note that all of it is done' note_success
  fi
}

note_success() {
  local docker compose
  docker=$(docker version -f '{{.Server.Version}}')
  compose=$(docker compose version --short)
  marker bootstrap.ok "{\"time\":\"$(date -u +%FT%TZ)\",\"document\":\"$revision\",\"versions\":{\"docker\":$(json "$docker"),\
\"compose\":$(json "$compose"),\"kernel\":$(json "$(uname -r)")},\"milliseconds\":{${timings#,}}}"
}
