import { sourcecredText } from '../../../../cli/sourcecred-request';
import { applySourcecred, planSourcecredChange } from '../../../../deploy/sourcecred/apply';
import { hashesOf, type SourcecredRequest } from '../../../../deploy/sourcecred/request';
import { readSettings } from '../../../../services';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';

const folder = '/opt/cogni/sourcecred';
const request: SourcecredRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  files: [{ path: 'compose.yaml', mode: 0o644, content: 'services: {}\n' }],
  image: `ghcr.io/cogni/runner@sha256:${'a'.repeat(64)}`,
  settings: readSettings(
    {
      SOURCECRED_GITHUB_TOKEN: `ghp_${'x'.repeat(36)}`,
      GHCR_USERNAME: 'bot',
      GHCR_DEPLOY_TOKEN: 'registry-token',
    },
    'sourcecred',
  ),
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T08:15:00Z'),
};
const site = {
  environment: 'preview',
  address: '203.0.113.7',
  user: 'deploy',
  knownHosts: '',
  hostKeyAlias: '',
};
const left = ['/dev/shm/cogni-sourcecred-1', `${folder}/.compose.previous.yaml`, `${folder}/.env.previous`];
const question = `find ${folder} /dev/shm `;

/** A host whose SourceCred is as rendered, and healthy. */
function host(...changed: [string, Answer][]) {
  const hashes = Object.entries(hashesOf(request)).map(([path, hash]) => `${hash}  ${folder}/${path}\n`);
  const transport = fakeTransport([
    ...changed,
    ['sha256sum', { stdout: hashes.join('') }],
    ['--format={{.ID}}\t{{.State}}\t{{.Label', { stdout: 'c0\trunning\th1\n' }],
    ['docker ps', { stdout: 'c0\trunning\tUp 2 hours (healthy)\th1\n' }],
    ['config --hash', { stdout: 'sourcecred h1\n' }],
  ]);
  return { transport, adapters: { connect: () => Promise.resolve(transport), clock: fakeClock() } };
}
const removals = (log: readonly string[]): string[] => log.filter((line) => line.startsWith('rm '));

describe('what a change of SourceCred that was cut off has left', () => {
  it('is removed under its lock where it is as rendered, an old token and a login among it', async () => {
    const { transport, adapters } = host([question, { stdout: `${left.join('\n')}\n` }]);
    const result = await applySourcecred(request, site, adapters);
    expect(result).toMatchObject({ outcome: 'unchanged', removed: left });
    expect(removals(transport.log)).toEqual(
      ['.compose.next.yaml', '.compose.previous.yaml', '.env.next', '.env.previous'].map(
        (name) => `rm --recursive --force -- ${folder}/${name}`,
      ),
    );
    const at = (words: string): number => transport.log.findIndex((line) => line.includes(words));
    expect(at('/var/lib/cogni/deploy/sourcecred.lock')).toBeGreaterThan(-1);
    expect(at('/var/lib/cogni/deploy/sourcecred.lock')).toBeLessThan(at('rm --recursive'));
    expect(at('rm -rf')).toBeGreaterThan(-1);
    expect(transport.log.join('\n')).not.toMatch(/ up --detach|docker (--config|pull)/);
    expect(sourcecredText('preview', result)).toBe(
      `SourceCred of preview is what is rendered, and healthy; removed what a run that was cut off had left: ${left.join(', ')}`,
    );
  });

  it('is looked for beside both files, and among the logins that nobody holds', async () => {
    const { transport, adapters } = host();
    await applySourcecred(request, site, adapters);
    const asked = transport.log.find((line) => line.startsWith(question));
    for (const name of ['.compose.next.yaml', '.compose.previous.yaml', '.env.next', '.env.previous']) {
      expect(asked).toContain(` -path ${folder}/${name} `);
    }
    expect(asked).toContain(' -path /dev/shm/cogni-sourcecred-* -exec flock --nonblock {} true ;');
  });

  it('is shown by --dry-run, and stays then', async () => {
    const { transport, adapters } = host([question, { stdout: `${left[0]}\n` }]);
    const plan = await planSourcecredChange(request, site, adapters);
    expect(plan.steps.map(({ id }) => id)).toEqual(['lock', 'look', 'tidy']);
    expect(removals(transport.log)).toEqual([]);
  });

  it('is nothing on most hosts: then no lock is taken', async () => {
    const { transport, adapters } = host();
    const result = await applySourcecred(request, site, adapters);
    expect(result).toMatchObject({ outcome: 'unchanged', steps: [] });
    expect(transport.log.filter((line) => line.startsWith('hold '))).toEqual([]);
    expect(sourcecredText('preview', result)).toContain('nothing to do');
  });

  it('is looked at once nothing of a run that was killed is at work any more', async () => {
    const { transport, adapters } = host();
    await applySourcecred(request, site, adapters);
    expect(transport.log[0]).toMatch(/^sh -c .* sh \/var\/lib\/cogni\/deploy\/sourcecred\.at-work\.lock 0$/);
    const never = host(['sourcecred.at-work.lock', { code: 75 }]);
    expect((await failureOf(applySourcecred(request, site, never.adapters))).exitCode).toBe(4);
    expect(never.transport.log.map((line) => line.split(' ').at(-1))).toEqual(['0', '120']);
  });

  it.each([
    ['has replaced', { stdout: 'c1\trunning\th2\n' }, 'another run has replaced the container of SourceCred'],
    ['still replaces', { code: 75 }, 'an earlier run has left Docker Compose at work on the host'],
  ])('is not removed where a run %s the container since', async (_, answer, what) => {
    const { transport, adapters } = host(
      [question, { stdout: `${left[0]}\n` }],
      ['sourcecred.at-work.lock timeout --kill-after=5 120 docker ps', answer],
    );
    const failure = await failureOf(applySourcecred(request, site, adapters));
    expect(failure.exitCode).toBe(4);
    expect(failure.what).toContain(what);
    expect(removals(transport.log)).toEqual([]);
  });

  it('is left to the run that holds the lock', async () => {
    const { transport, adapters } = host(
      [question, { stdout: `${left[0]}\n` }],
      ['flock --nonblock --conflict-exit-code', { code: 75 }],
    );
    expect((await failureOf(applySourcecred(request, site, adapters))).exitCode).toBe(4);
    expect(removals(transport.log)).toEqual([]);
  });
});
