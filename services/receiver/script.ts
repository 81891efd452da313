import { received } from '../archive/receiver';
import { generatedBy } from '../defaults';
import { faultFunctions } from '../settings/start-check';

/** The volume of a receiver in its containers: its key, and the log that it has received. */
export const receiverHome = '/var/lib/cogni-receiver';
/** Its rendered files. */
export const receiverConfig = '/etc/cogni-receiver';
/**
 * In memory: where it finds the server, as if that were on the same machine, and what it says of itself. Of the folders of the image only
 * this one can be written to by all: when a container is started again, a memory takes over the bits of the folder below it.
 */
const running = '/tmp';
/** What ssh said last. */
const tunnel = `${running}/tunnel`;

/** Names of the rendered files. */
export const receiverFiles = {
  program: 'receiver.sh',
  listener: 'listen.pl',
  ssh: 'ssh_config',
  pins: 'known_hosts',
} as const;

/** How pg_receivewal says that the log which it wants cannot be had any more, in the words of PostgreSQL 15. */
const broken = [
  "*'has already been removed'*",
  '*"is not in this server\'s history"*',
  "*'is ahead of the WAL flush position'*",
].join(' | ');

/**
 * The program of the container that receives the log: `stream` for as long as the container runs, `healthy` for the health check, `list` what it
 * has, `send FILE OFFSET BYTES` a part of it, packed, for a restore.
 *
 * Log lies in folders, one for each unbroken stretch: when what is wanted next cannot be had any more (too long away, or the database was
 * brought to an earlier moment), another one is begun. Log of one database is never put beside that of another.
 *
 * @param room MiB of log that are kept
 * @param waited commits wait for it: each piece is on the disk before the next one is taken. Otherwise it is taken as fast as it comes, and
 *   no slow disk holds it up: what only this machine's memory has is not lost with the other one
 */
export const receiverScript = (room: number, waited: boolean): string => `#!/bin/sh
# ${generatedBy}
set -eu
log=${receiverHome}/log
streams=${running}/streams
why=${running}/why

${faultFunctions}
# It has no settings: what it is told stands in files, and they are there, or all that are not are named.
there() { # what it is, where
  if [ ! -s "$2" ] || [ ! -r "$2" ]; then fault "$1 is not there, is empty or cannot be read: $2"; fi
}
told() {
  there 'its key' ${receiverHome}/key
  there 'the way to the database' ${receiverConfig}/${receiverFiles.ssh}
  there "the pinned key of the database's host" ${receiverConfig}/${receiverFiles.pins}
  there 'the program that listens' ${receiverConfig}/${receiverFiles.listener}
  [ -w ${receiverHome} ] || fault 'its folder cannot be written to: ${receiverHome}'
  fit receiver 'nothing was begun; ./cogni receiver up <env> makes all of it'
}

say() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

# Said once, however often it is tried.
complain() {
  [ "$(cat "$why" 2>/dev/null)" = "$*" ] || say "$*"
  printf '%s\\n' "$*" >"$why"
}

# The stretch that goes on: the newest one of this database, unless it has ended.
stretch() {
  newest=$(find "$log" -mindepth 1 -maxdepth 1 -type d -name "$1-*" -printf '%f\\n' | sort | tail -n 1)
  if [ -z "$newest" ] || [ -e "$log/$newest/ended" ]; then
    newest=$1-$(date -u +%Y%m%dT%H%M%SZ)
    mkdir -p "$log/$newest"
  fi
  printf '%s\\n' "$newest"
}

# One connection, to its end.
receive() {
  if ! system=$(psql --no-psqlrc --quiet --tuples-only --no-align --field-separator=' ' --command=IDENTIFY_SYSTEM \\
    "host=${running} user=${received.role} replication=true connect_timeout=20" 2>${running}/refused); then
    complain "the database cannot be reached: $(cat ${tunnel} ${running}/refused | head -n 1)"
    return 0
  fi
  folder=$log/$(stretch "\${system%% *}")
  pg_receivewal --directory="$folder" ${waited ? '--synchronous ' : ''}--no-loop --verbose --status-interval=1 \\
    --dbname="host=${running} user=${received.role} application_name=${received.role} connect_timeout=20" 2>&1 |
    while IFS= read -r line; do
      case $line in
        *'starting log streaming'*)
          say "$line, into \${folder##*/}"
          rm -f "$why"
          : >"$streams"
          ;;
        ${broken})
          # In this folder the stream could only go on after what is missing.
          complain "log is missing after what is in \${folder##*/}, unless the archive has it: $line"
          printf '%s\\n' "$line" >"$folder/ended"
          ;;
        *error:* | *FATAL:* | *could\\ not*) complain "$line" ;;
      esac
    done
  rm -f "$streams"
  [ -e "$why" ] || complain "the stream was cut off: $(tail -n 1 ${tunnel})"
}

# What there is no room for goes, the oldest first, but never what is being written. Of a stretch that has ended nothing is left then.
tidy() {
  find "$log" -type f -name '[0-9A-F]*' -printf '%T@ %s %p\\n' | sort -rn |
    awk -v room=${room} '{ total += $2 } NR > 2 && total > room * 1048576 { print $3 }' | xargs -r rm -f
  find "$log" -name ended -printf '%h\\n' | while IFS= read -r folder; do
    [ -n "$(find "$folder" -name '[0-9A-F]*' -print -quit)" ] || rm -r "$folder"
  done
}

stream() {
  mkdir -p "$log"
  rm -f ${running}/* ${running}/.s.*
  perl ${receiverConfig}/${receiverFiles.listener} &
  listener=$!
  trap 'exit 0' TERM INT
  until [ -S ${running}/.s.PGSQL.5432 ] || ! kill -0 "$listener" 2>/dev/null; do sleep 0.1; done
  turn=0
  while :; do
    rm -f "$streams"
    # Each in a process of its own, for which a signal is not kept waiting.
    /bin/sh "$0" receive &
    receiving=$!
    while kill -0 "$receiving" 2>/dev/null; do
      [ "$turn" -gt 0 ] || /bin/sh "$0" tidy || complain 'old log could not be removed'
      turn=$(((turn + 1) % 20))
      sleep 1 &
      wait $! || :
    done
    wait "$receiving" || complain 'it could not receive'
    # Without it nothing is reached any more; the container is started again.
    kill -0 "$listener" || exit 1
  done
}

case \${1-} in
  stream)
    told
    stream
    ;;
  receive) receive ;;
  tidy) tidy ;;
  healthy)
    # A stream that is refused has begun for a moment as well.
    if [ ! -e "$streams" ] || [ $(($(date +%s) - $(stat --format=%Y "$streams"))) -lt 2 ]; then
      cat "$why"
      exit 1
    fi
    ;;
  list) TZ=UTC0 find "$log" -type f -name '[0-9A-F]*' -printf '%P %s %TY-%Tm-%TdT%TH:%TM:%TSZ\\n' | sort ;;
  send) tail --bytes="+$(($3 + 1))" "$log/$2" | head --bytes="$4" | gzip -1 | base64 --wrap=0 ;;
  *)
    echo "usage: $0 stream | healthy | list | send FILE OFFSET BYTES" >&2
    exit 2
    ;;
esac
`;

/**
 * Gives each connection to a socket of this container a connection of its own to the bridge on the database's host. There is no port to be forwarded:
 * a key that may forward could reach whatever else listens there.
 */
export const listenerProgram = `#!/usr/bin/perl
# ${generatedBy}
use strict;
use warnings;
use Socket;

$SIG{CHLD} = 'IGNORE';
socket(my $here, PF_UNIX, SOCK_STREAM, 0) or die "no socket: $!\\n";
bind($here, sockaddr_un('${running}/.s.PGSQL.5432')) or die "no socket: $!\\n";
listen($here, 8) or die "no socket: $!\\n";
while (1) {
    accept(my $client, $here) or next;
    my $child = fork;
    if (defined $child && $child == 0) {
        open(STDIN, '<&', $client) or die "no input: $!\\n";
        open(STDOUT, '>&', $client) or die "no output: $!\\n";
        open(STDERR, '>', '${tunnel}') or die "no file: $!\\n";
        exec('ssh', '-F', '${receiverConfig}/${receiverFiles.ssh}', 'database') or die "ssh cannot be run: $!\\n";
    }
    close $client;
}
`;

/** Where the database is. */
export interface DatabaseHost {
  readonly address: string;
  readonly port?: number;
  readonly user: string;
  /** Under which its key is pinned. */
  readonly alias: string;
}

/** What ssh_config(5) has for it: the pinned host key, the receiver's own key, and nothing that a server could ask for. */
export const sshConfig = ({ address, port = 22, user, alias }: DatabaseHost): string =>
  [
    `# ${generatedBy}`,
    'Host database',
    ...Object.entries({
      HostName: address,
      Port: port,
      User: user,
      HostKeyAlias: alias,
      IdentityFile: `${receiverHome}/key`,
      IdentitiesOnly: 'yes',
      IdentityAgent: 'none',
      BatchMode: 'yes',
      PreferredAuthentications: 'publickey',
      StrictHostKeyChecking: 'yes',
      UserKnownHostsFile: `${receiverConfig}/${receiverFiles.pins}`,
      GlobalKnownHostsFile: '/dev/null',
      CheckHostIP: 'no',
      UpdateHostKeys: 'no',
      RequestTTY: 'no',
      ClearAllForwardings: 'yes',
      ConnectTimeout: 10,
      // A line that is dead is given up after 15 s, and another one is tried.
      ServerAliveInterval: 5,
      ServerAliveCountMax: 3,
      LogLevel: 'ERROR',
    }).map(([name, value]) => `  ${name} ${value}`),
    '',
  ].join('\n');

/**
 * Makes the volume ready, and the key where there is none, and prints its public half. Run as root, in a container without a network. The private
 * half is made there and never leaves. Killed at any moment it is mended by the next run: a key is one when both halves are in their place, and is given to the user
 * of the receiver each time.
 */
export const keyProgram = `set -eu
install --directory --owner=postgres --group=postgres --mode=0700 ${receiverHome} ${receiverHome}/log
if [ ! -s ${receiverHome}/key ] || [ ! -s ${receiverHome}/key.pub ]; then
  rm -f ${receiverHome}/new ${receiverHome}/new.pub
  ssh-keygen -q -t ed25519 -N '' -C "$1" -f ${receiverHome}/new
  rm -f ${receiverHome}/key.pub
  mv -f ${receiverHome}/new ${receiverHome}/key
  mv -f ${receiverHome}/new.pub ${receiverHome}/key.pub
fi
chown postgres:postgres ${receiverHome}/key ${receiverHome}/key.pub
cut -d ' ' -f 1,2 ${receiverHome}/key.pub
`;
