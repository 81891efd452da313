import { edgeResultText } from '../../../../cli/edge-text';
import { applyEdge, planEdgeChange } from '../../../../deploy/edge/apply';
import { edgeFiles } from '../../../../deploy/edge/request';
import { sha256 } from '../../../../deploy/edge/survey';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';
import { caddyfile, compose, request } from './sample';

const site = {
  host: { environment: 'preview', address: '203.0.113.7', user: 'deploy', knownHosts: '', hostKeyAlias: '' },
};
const left = ['/opt/cogni/edge/.compose.next.yaml', '/opt/cogni/edge/caddy/.Caddyfile.next'];

/** A host whose edge is as rendered. */
function host(...changed: [string, Answer][]) {
  const transport = fakeTransport([
    ...changed,
    ['docker ps', { stdout: 'running\th1\tc0\n' }],
    ['config --hash', { stdout: 'caddy h1\n' }],
    ['config --images', { stdout: 'caddy@sha256:1\n' }],
    [
      'sha256sum',
      {
        stdout: `${sha256(compose)}  ${edgeFiles.compose.file}\n${sha256(caddyfile)}  ${edgeFiles.caddyfile.file}\n`,
      },
    ],
    ['2019/config', { stdout: 'the same\n' }],
  ]);
  const adapters = {
    connect: () => Promise.resolve(transport),
    https: () => Promise.reject(new Error('nothing is asked from outside')),
    clock: fakeClock(),
  };
  return { transport, adapters };
}
const question = 'find /opt/cogni/edge -maxdepth 2';
const removals = (log: readonly string[]): string[] => log.filter((line) => line.startsWith('rm '));

describe('what a change of the edge that was cut off has left', () => {
  it('is removed under the lock of deploys where the edge is as rendered, and nothing is loaded', async () => {
    const { transport, adapters } = host([question, { stdout: `${left.join('\n')}\n` }]);
    const result = await applyEdge(request, site, adapters);
    expect(result).toMatchObject({ outcome: 'unchanged', files: [], removed: left });
    expect(removals(transport.log)).toEqual(left.map((path) => `rm --recursive --force -- ${path}`));
    const lock = transport.log.findIndex((line) => line.startsWith('hold flock'));
    expect(lock).toBeGreaterThan(-1);
    expect(lock).toBeLessThan(transport.log.findIndex((line) => line.startsWith('rm ')));
    expect(transport.log.join('\n')).not.toMatch(/caddy reload|compose .* up/);
    expect(edgeResultText('preview', result)).toBe(
      `the edge of preview is what is rendered; removed what a run that was cut off had left: ${left.join(', ')}`,
    );
  });

  it('is looked for beside each of its files', async () => {
    const { transport, adapters } = host();
    await applyEdge(request, site, adapters);
    const asked = transport.log.find((line) => line.startsWith(question));
    for (const { next, file } of Object.values(edgeFiles)) {
      expect(asked).toContain(` -path ${next} `);
      expect(asked).not.toContain(` -path ${file} `);
    }
  });

  it('is shown by --dry-run, and stays then', async () => {
    const { transport, adapters } = host([question, { stdout: `${left[0]}\n` }]);
    const plan = await planEdgeChange(request, site, adapters);
    expect(plan.steps.map(({ id }) => id)).toEqual(['lock', 'look', 'sweep']);
    expect(removals(transport.log)).toEqual([]);
  });

  it('is nothing on most hosts: then no lock is taken', async () => {
    const { transport, adapters } = host();
    const result = await applyEdge(request, site, adapters);
    expect(result).toMatchObject({ outcome: 'unchanged', steps: [] });
    expect(transport.log.filter((line) => line.startsWith('hold '))).toEqual([]);
    expect(edgeResultText('preview', result)).toContain('nothing to do');
  });

  it('is left to the run that holds the lock', async () => {
    const { transport, adapters } = host(
      [question, { stdout: `${left[0]}\n` }],
      ['flock --nonblock', { code: 75 }],
      ['cat -- /var/lib/cogni/deploy/lock.holder', { stdout: 'grace changes the edge\n' }],
    );
    expect((await failureOf(applyEdge(request, site, adapters))).exitCode).toBe(4);
    expect(removals(transport.log)).toEqual([]);
  });

  it('is looked at once nothing of a run that was killed is at work any more', async () => {
    const { transport, adapters } = host();
    await applyEdge(request, site, adapters);
    expect(transport.log[0]).toMatch(/^sh -c .* sh \/var\/lib\/cogni\/deploy\/edge\.at-work\.lock 0$/);
    const never = host(['edge.at-work.lock', { code: 75 }]);
    const failure = await failureOf(applyEdge(request, site, never.adapters));
    expect(failure.exitCode).toBe(4);
    expect(failure.what).toBe(
      'an earlier run has left Docker Compose at work on the host, and it has not ended',
    );
    expect(never.transport.log.map((line) => line.split(' ').at(-1))).toEqual(['0', '150']);
  });

  it.each([
    ['has replaced', { stdout: 'running\th2\tc1\n' }, 'another run has replaced the container of the edge'],
    ['still replaces', { code: 75 }, 'an earlier run has left Docker Compose at work on the host'],
  ])('is not removed where a run %s the container since', async (_, answer, what) => {
    const { transport, adapters } = host(
      [question, { stdout: `${left[0]}\n` }],
      ['edge.at-work.lock timeout --kill-after=5 150 docker ps', answer],
    );
    const failure = await failureOf(applyEdge(request, site, adapters));
    expect(failure.exitCode).toBe(4);
    expect(failure.what).toContain(what);
    expect(failure.state).not.toContain('serves what is rendered');
    expect(removals(transport.log)).toEqual([]);
  });

  it('is a failure where the host does not say', async () => {
    const { adapters } = host([question, { code: 1, stderr: 'Permission denied' }]);
    expect((await failureOf(applyEdge(request, site, adapters))).what).toContain(
      'does not say what lies in /opt/cogni/edge',
    );
  });
});
