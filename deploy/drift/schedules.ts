import { bootstrapScript, hostLayout } from '../../bootstrap';
import { commandFailure } from '../../foundation/process';
import type { RemoteCommand, Transport } from '../transport';
import type { DriftFinding } from './finding';

/** A unit of systemd or a job of cron that is younger than its host. */
export interface Schedule {
  readonly kind: 'unit' | 'cron';
  readonly path: string;
  /** Where a link leads to. */
  readonly link?: string;
  /** Of a package of the distribution, as it was delivered. */
  readonly delivered: boolean;
  /** Of a package, and somebody changed it. */
  readonly changed: boolean;
}

/** Folders and files where a host is told what to run, and when (systemd.unit(5), "Unit File Search Path"; cron(8)). */
const places = {
  unit: ['/etc/systemd/system', '/etc/systemd/user', '/usr/local/lib/systemd'],
  cron: [
    ...['/etc/crontab', '/etc/anacrontab', '/etc/cron.d', '/etc/cron.hourly', '/etc/cron.daily'],
    ...['/etc/cron.weekly', '/etc/cron.monthly', '/var/spool/cron'],
  ],
};

/** Written once, when a host is made, before anything else of ours: what is older came with the provider's image. */
const made = hostLayout.proof;

/** Exit code of {@link reader} where it is not known when the host was made. */
const unknownAge = 3;

/**
 * Prints what is younger than the host as JSON, and what the distribution's packages say of it. The time that counts is
 * that of the inode (`ctime`), which nobody sets back without setting the clock back. Every word is fixed.
 */
const reader = `
import hashlib, json, os, subprocess, sys
made, places = sys.argv[1], json.loads(sys.argv[2])
try:
    since = os.lstat(made).st_ctime
except OSError:
    sys.exit(${unknownAge})
def below(top):
    if os.path.islink(top) or not os.path.isdir(top):
        yield top
    for folder, folders, names in os.walk(top):
        for name in names + [name for name in folders if os.path.islink(os.path.join(folder, name))]:
            yield os.path.join(folder, name)
found = []
for kind, tops in places.items():
    for path in sorted({path for top in tops for path in below(top)}):
        try:
            if os.lstat(path).st_ctime > since:
                found.append({'kind': kind, 'path': path})
        except FileNotFoundError:
            pass
def asked(*argv):
    return subprocess.run(['dpkg-query', *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, 'LC_ALL': 'C'}).stdout.decode('utf-8', 'replace').splitlines()
owners = {}
if found:
    for line in asked('--search', '--', *[entry['path'] for entry in found]):
        packages, _, path = line.partition(': ')
        owners[path] = packages.split(', ')[0]
conffiles = {}
if owners:
    for line in asked('--show', '--showformat=\${Conffiles}\\n', '--', *sorted(set(owners.values()))):
        words = line.split()
        if len(words) >= 2:
            conffiles[words[0]] = words[1]
def digest(path):
    with open(path, 'rb') as file:
        return hashlib.md5(file.read(), usedforsecurity=False).hexdigest()
for entry in found:
    path = entry['path']
    owned = path in owners
    link = os.path.islink(path)
    changed = owned and path in conffiles and not link and digest(path) != conffiles[path]
    entry.update({'delivered': owned and not changed, 'changed': changed})
    if link:
        entry['link'] = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
print(json.dumps(found))
`;

const question: RemoteCommand = {
  argv: ['sudo', '-n', 'python3', '-c', reader, made, JSON.stringify(places)],
  deadline: 60_000,
};

/** @throws Failure when the host does not say it, or not since when it is there */
export async function readSchedules(transport: Transport, again: string): Promise<readonly Schedule[]> {
  const output = await transport.run(question);
  if (output.code === 0) return JSON.parse(output.stdout) as Schedule[];
  throw commandFailure({ ...question, argv: ['python3'] }, output, {
    what:
      output.code === unknownAge
        ? `units and cron jobs of ${transport.describe()} cannot be told from those of the provider's image: there is no ${made}`
        : `units and cron jobs of ${transport.describe()} could not be looked at`,
    state: 'nothing was changed',
    next: `mend what it says, then ${again}`,
  });
}

/** Where packages keep their units: a link there enables one that was installed. */
const ofPackages = /^(\/usr)?\/lib\/systemd\//;

/** Snap writes a unit for each of its packages, at each of their updates, and no package owns it. */
const ofSnap = /\/snap[.-][^/]*$/;

/** Files that the bootstrap writes; whether they hold what is rendered is asked by its phases. */
const rendered: ReadonlySet<string> = new Set(
  [...bootstrapScript.matchAll(/^\s*file (\/etc\/\S+)/gm)].map(([, path = '']) => path),
);

/** Units and cron jobs that came after the host, and that neither the bootstrap nor a package brought. Pure. */
export function scheduleDrift(schedules: readonly Schedule[]): readonly Omit<DriftFinding, 'next'>[] {
  return schedules.flatMap(({ kind, path, link, delivered, changed }) => {
    if (delivered || rendered.has(path) || ofSnap.test(path)) return [];
    if (link === '/dev/null') return [{ of: kind, name: path, what: 'is masked: it cannot be started' }];
    if (link !== undefined && (rendered.has(link) || ofPackages.test(link) || ofSnap.test(link))) return [];
    const what = changed
      ? 'is not as its package delivered it'
      : `is there, and neither the bootstrap nor a package brought it${link === undefined ? '' : ` (a link to ${link})`}`;
    return [{ of: kind, name: path, what }];
  });
}
