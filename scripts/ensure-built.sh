#!/bin/sh
# Makes node_modules and dist match the checkout, and does nothing when they already do.
# Two runs at once are safe: the second waits for the first one's lock, then finds nothing to do.
# Called by ./cogni and by cdktf.json's "app", so that `npx cdktf deploy preview` never runs stale code.
set -eu
cd "$(dirname "$0")/.."

sources='cli compose services deploy infra stacks bootstrap sandbox foundation recovery review workflows scripts'

# shellcheck disable=SC3013 # every sh of Debian and Ubuntu knows -nt
fresh() {
  [ node_modules/.package-lock.json -nt package-lock.json ] || return 1
  [ -e dist/.built ] || return 1
  # shellcheck disable=SC2086
  [ -z "$(find $sources tsconfig.json tsconfig.build.json package-lock.json \( -name '*.ts' -o -name '*.json' \) -newer dist/.built -print -quit 2>/dev/null)" ]
}

fresh && exit 0

# What package.json says under "engines", as far as an older one goes: a newer one may well do.
supported() {
  case $1 in
    20.*)
      minor=${1#20.}
      [ "${minor%%.*}" -ge 19 ]
      ;;
    [0-9].* | 1[0-9].*) return 1 ;;
  esac
}

# Asked before anything is made, since an older one fails with errors that seem to be those of the sources; not on every command, which
# would begin later by the start of a Node.js.
if ! node=$(node -p process.versions.node 2>/dev/null); then
  echo 'cogni: Node.js is missing: install Node.js 20.19+ or 22 with npm, then run this again' >&2
  exit 1
fi
if ! supported "$node"; then
  echo "cogni: this is Node.js $node ($(command -v node)), which is too old; nothing was run. Install Node.js 20.19+ or 22 with npm, then run this again" >&2
  exit 1
fi

if ! command -v npm >/dev/null 2>&1; then
  echo 'cogni: npm is missing: install Node.js 20.19+ or 22 with npm, then run this again' >&2
  exit 1
fi

# The lock file is opened on a descriptor that lives exactly as long as this script.
mkdir -p dist
exec 9>dist/.build-lock
flock 9
fresh && exit 0

# shellcheck disable=SC3013 # as above
if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
  echo 'cogni: installing the npm packages of package-lock.json (first run, or the lock file changed)' >&2
  if ! npm ci --no-audit --no-fund --loglevel=error >&2; then
    echo 'cogni: the npm packages could not be installed; nothing was run. Mend what npm says above, then run this again' >&2
    exit 1
  fi
  touch node_modules/.package-lock.json
fi
echo 'cogni: compiling TypeScript (first run, or sources changed)' >&2
started=$(mktemp dist/.started.XXXXXX)
if ! npm run --silent build >&2; then
  rm -f "$started"
  echo 'cogni: the sources do not compile; nothing was run. Mend the errors above, then run this again' >&2
  exit 1
fi
# Stamped with the time the compiler *started*: a file saved while it ran counts as newer.
mv "$started" dist/.built
