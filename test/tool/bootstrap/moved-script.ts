import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapScript, phases } from '../../../bootstrap';
import { run, type Output } from '../../../foundation/process';

/** Who the test runs as: the owner of what a script writes that is no root. */
export const me = process.getuid?.() === 0 ? 'root' : process.env['USER'];

/**
 * The real script with its paths moved below a folder, and with phases of the test's own where its story is what
 * matters: what it does to a real host is shown end to end.
 */
export interface MovedScript {
  /** Below the folder: `etc/fstab`. */
  readonly path: (name: string) => string;
  readonly read: (name: string) => string;
  /** Content of a marker. */
  readonly marker: (name: string) => Record<string, unknown>;
  /**
   * Writes the script with other phases.
   * @param own body of a phase by its name, `real` for its own. @default each does nothing
   * @param settings as the host has them
   * @returns its file
   */
  readonly install: (own: Partial<Record<(typeof phases)[number], string>>, settings?: string) => string;
}

/** A folder for each test of a file, with what every host has. To be called once, where a file begins. */
export function movedScript(): MovedScript {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
    for (const folder of ['var/lib/cogni', 'var/log', 'run', 'etc/ssh', 'opt'])
      mkdirSync(join(root, folder), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string): string => join(root, name);
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  return {
    path,
    read,
    marker: (name) => JSON.parse(read(name)) as Record<string, unknown>,
    install(own, settings = 'revision=abc123\n') {
      const stubs = phases
        .filter((phase) => own[phase] !== 'real')
        .map((phase) => `phase_${phase}() {\n${own[phase] ?? ':'}\n}\n`)
        .join('');
      const script = bootstrapScript
        .replaceAll('/var/lib/cogni', path('var/lib/cogni'))
        .replaceAll('/var/log/', path('var/log/'))
        .replaceAll('/run/cogni', path('run/cogni'))
        .replaceAll('/etc/ssh/', path('etc/ssh/'))
        .replaceAll('/var/lib/cloud', path('var/lib/cloud'))
        .replaceAll('/swapfile', path('swapfile'))
        .replaceAll('/etc/fstab', path('etc/fstab'))
        .replaceAll('/run/cloud-init', path('run/cloud-init'))
        .replace('"$(id -u)" = 0', '1')
        .replaceAll(' 644 root ', ` 644 ${me} `)
        .replace(/main "\$@"\n$/, `${stubs}main "$@"\n`);
      const file = path('opt/bootstrap.sh');
      writeFileSync(file, script, { mode: 0o755 });
      writeFileSync(path('opt/settings'), settings);
      return file;
    },
  };
}

export const start = (file: string, ...args: string[]): Promise<Output> =>
  run({ argv: ['bash', file, ...args], deadline: 60_000 });
