import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DriftReport } from '../../../deploy/drift/finding';
import { driftMarker } from '../../../deploy/drift/issue';
import { capture } from '../../../foundation/process';
import { checkout } from '../../../infra/checkout';
import type { ActionDouble } from '../../rehearsal/actions';
import { jobOf, storyOf } from '../../rehearsal/project';
import type { PlayedRun, Rehearsal } from '../../rehearsal/rehearsal';
import { terraformDouble } from '../../rehearsal/tools';
import { githubDouble, type DoubledIssue, type GithubDouble } from '../../unit/workflows/github/double';
import { Forge } from '../rehearsal/forge';

/** Milliseconds: every night is ten jobs. */
jest.setTimeout(3 * 60_000);

/** The looks of one night, by `<command>-<what it looks at>`: those that are not named find nothing. */
type Night = Readonly<
  Record<string, { readonly exitCode: number; readonly report?: Pick<DriftReport, 'state' | 'drift'> }>
>;

/**
 * Answers for the commands that look at hosts and sites, out of the files of the commit, as those commands exit and report. The issue is
 * kept by the project's own command.
 */
const looks = `#!/bin/sh
[ "$1" != --version ] || exit 0
[ "$1" != drift-issue ] || exec ${checkout}/cogni "$@"
found="found/$1-$2"
if [ "$1" = drift ]; then
  mkdir -p "$(dirname "$4")"
  cp "$found.json" "$4"
fi
exit "$(cat "$found.code")"
`;

const plans = ['plan-preview', 'plan-production-address', 'plan-production'];
const hosts = ['drift-preview', 'drift-production'];
const sites = ['verify-preview', 'verify-production'];

/** drift.yml as it is, its looks answered by a file; test/nightly/workflows looks at real hosts. */
describe('the nights of drift.yml', () => {
  let forge: Forge;
  let github: GithubDouble;
  let rehearsal: Rehearsal;

  beforeAll(async () => {
    forge = await Forge.make();
    github = await githubDouble();
    const keys = mkdtempSync(join(tmpdir(), 'cogni-keys-'));
    try {
      const file = join(keys, 'key');
      await capture({ argv: ['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', file], deadline: 10_000 });
      for (const name of ['preview', 'production']) {
        forge.secrets.set(`${name}-look/SSH_DEPLOY_KEY`, readFileSync(file, 'utf8'));
        forge.variables.set(`${name}-look/VM_HOST`, '192.0.2.1');
        forge.variables.set(`${name}-look/VM_HOST_KEY`, 'of nobody');
      }
    } finally {
      rmSync(keys, { recursive: true });
    }
    const node: ActionDouble = {
      plays: 'the Node.js of this machine; nothing is compiled, since nothing of the checkout is run',
      inputs: ['node-version', 'package-manager-cache'],
      run: () => Promise.resolve(),
    };
    rehearsal = forge.rehearsal({
      apiUrl: github.url,
      tokenWith: (permissions) => (permissions['issues'] === 'write' ? github.token : 'may-read'),
      environments: { 'preview-look': { branches: ['main'] }, 'production-look': { branches: ['main'] } },
      actions: {
        ...forge.actions(),
        'actions/setup-node': node,
        'hashicorp/setup-terraform': terraformDouble,
      },
    });
  });
  afterAll(async () => {
    await github.stop();
    forge.remove();
  });

  async function night(found: Night): Promise<PlayedRun> {
    const files: Record<string, string> = {
      cogni: looks,
      '.github/workflows/drift.yml': readFileSync(
        join(checkout, '.github', 'workflows', 'drift.yml'),
        'utf8',
      ),
    };
    for (const each of [...plans, ...hosts, ...sites]) {
      const { exitCode = 0, report } = found[each] ?? {};
      files[`found/${each}.code`] = String(exitCode);
      if (!hosts.includes(each)) continue;
      const whole: DriftReport = {
        ...{ version: 1, environment: each.slice('drift-'.length), state: 'same', about: 'release 1' },
        ...{ drift: [], waiting: [], ...report },
      };
      files[`found/${each}.json`] = JSON.stringify(whole);
    }
    const commit = await forge.commit('main', [], files);
    const { 'drift.yml': run } = await rehearsal.play({ kind: 'schedule', branch: 'main', commit });
    if (run === undefined) throw new Error('nothing runs at night');
    // The story of a night that went otherwise than was expected.
    if (jobOf(run, 'issue').result !== 'success') throw new Error(storyOf(run));
    return run;
  }
  const open = (): readonly DoubledIssue[] => github.issues.filter(({ state }) => state === 'open');
  const failed = ({ jobs }: PlayedRun): readonly string[] =>
    Object.entries(jobs).flatMap(([id, { result }]) => (result === 'success' ? [] : [`${id} ${result}`]));
  const differs: Night = {
    'drift-preview': {
      exitCode: 10,
      report: {
        state: 'differs',
        drift: [
          {
            of: 'cron',
            name: '/etc/cron.d/left-behind',
            what: 'is there, and neither the bootstrap nor a package put it there',
            next: 'find out who needs it',
          },
        ],
      },
    },
    'verify-production': { exitCode: 1 },
  };

  it('make no issue while nothing is found', async () => {
    expect(failed(await night({}))).toEqual([]);
    expect(github.issues).toEqual([]);
  });

  it('open one issue that names what was found, and each look that failed; the run is red', async () => {
    // Nobody else's issue is taken for ours, whatever it says.
    github.issues.push({
      ...{ number: 1, title: 'Drift', body: `${driftMarker}\nMine.`, state: 'open' },
      user: { login: 'somebody' },
    });
    expect(failed(await night(differs))).toEqual([
      'host-preview failure',
      'site-production failure',
      'gate failure',
    ]);
    expect(open()).toHaveLength(2);
    const [, { body, user }] = open() as [DoubledIssue, DoubledIssue];
    expect(user.login).toBe('github-actions[bot]');
    expect(body).toMatch(
      /^<!-- cogni-drift -->[^]*`host-preview` ended with `failure`[^]*`site-production` ended with `failure`[^]*cron `\/etc\/cron\.d\/left-behind`/,
    );
  });

  it('say nothing more while they find the same', async () => {
    expect(failed(await night(differs))).toContain('gate failure');
    expect(open()).toHaveLength(2);
    expect(github.comments).toEqual([]);
  });

  it('leave the issue as it is where a deploy was under way, so that nothing is known', async () => {
    const busy: Night = { 'drift-preview': { exitCode: 4, report: { state: 'busy', drift: [] } } };
    const run = await night(busy);
    expect(failed(run)).toEqual([]);
    expect(jobOf(run, 'issue').log).toContain('a deploy was under way');
    expect(open()).toHaveLength(2);
  });

  it('close the issue by the first one that finds nothing, and leave that of somebody else alone', async () => {
    expect(failed(await night({}))).toEqual([]);
    expect(open()).toMatchObject([{ body: `${driftMarker}\nMine.` }]);
    expect(github.comments).toMatchObject([
      { issue: '2', body: expect.stringContaining('A look has found nothing') },
    ]);
    expect(github.violations).toEqual([]);
  });
});
