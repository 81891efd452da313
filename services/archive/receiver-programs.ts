import { generatedBy } from '../defaults';
import { socketFolder } from '../database/server';
import { received } from './receiver';

/**
 * Joins its standard input and output to the server's socket. It is all that the receiver's key runs, as {@link received}.user: whoever
 * has the key can say to the server what that role may, and nothing to anybody else. perl is in every image of Debian.
 */
export const bridgeProgram = `#!/usr/bin/perl
# ${generatedBy}
use strict;
use warnings;
use Socket;

sub pass {
    my ($from, $to) = @_;
    while (sysread($from, my $bytes, 65536)) {
        while (length $bytes) {
            my $written = syswrite($to, $bytes) or return;
            substr($bytes, 0, $written) = '';
        }
    }
}

$SIG{PIPE} = 'IGNORE';
socket(my $server, PF_UNIX, SOCK_STREAM, 0) or die "no socket: $!\\n";
connect($server, sockaddr_un('${socketFolder}/.s.PGSQL.5432')) or die "the database does not answer: $!\\n";
my $child = fork // die "no process: $!\\n";
if ($child == 0) {
    pass(\\*STDIN, $server);
    shutdown($server, 1);
    exit 0;
}
pass($server, \\*STDOUT);
kill 'TERM', $child;
`;

/**
 * Runs beside the server for as long as its container does, where commits wait for a receiver while it is there: it takes the waiting away when the
 * receiver has been gone, or behind, for `patience` seconds, and gives it back when the receiver has caught up to the last 16 MiB.
 *
 * Where nothing answers, nothing is changed: a server that does not answer commits nothing.
 *
 * @param watched file of the server's configuration that it writes
 * @param patience seconds
 */
export const watcherProgram = (watched: string, patience: number): string => `#!/bin/sh
# ${generatedBy}
set -u
export PGUSER="$POSTGRES_USER" PGDATABASE=postgres PGAPPNAME='${received.role} watch'
say() { printf '%s %s\\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

# $1: what commits wait for. Those that wait now go on at once when it is nothing.
wait_for() {
  echo "synchronous_standby_names = '$1'" >${watched}.next &&
    mv ${watched}.next ${watched} &&
    psql --no-psqlrc --quiet --no-align --tuples-only --command='SELECT pg_reload_conf()' >/dev/null
}

# A line each second: what commits wait for, and whether the receiver is away, behind, or there.
ask() {
  psql --no-psqlrc --quiet --no-align --tuples-only --field-separator=' ' <<'SQL'
SELECT coalesce(nullif(current_setting('synchronous_standby_names'), ''), 'nothing'),
  coalesce((SELECT CASE WHEN state = 'streaming' AND pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn) < 16777216 THEN 'there' ELSE 'behind' END
    FROM pg_stat_replication WHERE application_name = '${received.role}' ORDER BY flush_lsn DESC NULLS LAST LIMIT 1), 'away')
\\watch 1
SQL
}

since=
while :; do
  ask 2>/dev/null | while read -r waited receiver; do
    # Seconds since the machine was started: no clock jumps them.
    read -r now rest </proc/uptime
    now=\${now%%.*}
    case $waited:$receiver in
      ${received.role}:there) since= ;;
      ${received.role}:*)
        since=\${since:-$now}
        if [ $((now - since)) -ge ${patience} ]; then
          wait_for '' && say "the receiver of the log has been $receiver for ${patience} s: commits no longer wait for it"
        fi
        ;;
      nothing:there) wait_for ${received.role} && since= && say 'the receiver of the log is there: commits wait for it' ;;
    esac
  done
  sleep 1
done
`;
