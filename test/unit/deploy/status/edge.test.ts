import { sha256 } from '../../../../deploy/edge/survey';
import { edgeFindings } from '../../../../deploy/status/edge';
import { caddyfile, compose, request } from '../edge/sample';
import { fakeTransport, type Answer } from '../fake-transport';

const hashes = (files: { compose: string; caddyfile: string }): Answer => ({
  stdout: `${sha256(files.compose)}  /opt/cogni/edge/compose.yaml\n${sha256(files.caddyfile)}  /opt/cogni/edge/caddy/Caddyfile\n`,
});

const asRendered: readonly [string, Answer][] = [
  ['docker ps', { stdout: 'running\th1\n' }],
  ['config --hash', { stdout: 'caddy h1\n' }],
  ['config --images', { stdout: 'caddy@sha256:1\n' }],
  ['sha256sum', hashes({ compose, caddyfile })],
  ['python3', { stdout: 'the same\n' }],
];

const findings = (...changed: [string, Answer][]) =>
  edgeFindings(fakeTransport([...changed, ...asRendered]), request);

describe('the edge in the status of a host', () => {
  test('is no finding when it is what is rendered, and serves it', async () => {
    expect(await findings()).toEqual([]);
  });

  test.each<[string, [string, Answer], string]>([
    ['its Caddyfile', ['sha256sum', hashes({ compose, caddyfile: 'old' })], 'its Caddyfile'],
    ['its compose file', ['sha256sum', hashes({ compose: 'old', caddyfile })], 'its compose.yaml'],
    ['its container', ['docker ps', { stdout: 'running\th0\n' }], 'what its container is made from'],
  ])('is one, with the command, when %s is not as rendered', async (_, rule, what) => {
    expect(await findings(rule)).toEqual([
      `the edge is not as rendered (${what}): ./cogni edge apply preview --dry-run says what a change costs`,
    ]);
  });

  test('is one when the running Caddy serves something else than its file says', async () => {
    expect(await findings(['python3', { stdout: 'apps differ\n' }])).toEqual([
      'the edge serves something else than its Caddyfile says: ./cogni edge apply preview',
    ]);
  });

  test('says that it is not known, and no difference, when Caddy does not answer', async () => {
    expect(await findings(['python3', { code: 124, timedOut: true }])).toEqual([
      'whether the edge serves what its Caddyfile says is not known, since Caddy did not answer or does not take that file: ./cogni logs preview edge',
    ]);
  });

  test('says nothing of an edge that does not run: that is told as such', async () => {
    expect(
      await findings(['docker ps', { stdout: '' }], ['sha256sum', hashes({ compose: '', caddyfile: '' })]),
    ).toEqual([]);
  });

  test('says that it is not known, when Compose on the host does not take what is rendered', async () => {
    expect(await findings(['config --hash', { code: 1, stderr: 'no such key' }])).toEqual([
      'whether the edge is as rendered is not known: Docker Compose does not take what is rendered: no such key',
    ]);
  });
});
