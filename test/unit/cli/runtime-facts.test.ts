import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askedRuntimes } from '../../../cli/ask-host';
import { runtimeFactsOf, type RuntimeQuestion } from '../../../cli/runtime-facts';
import { ConnectionLost, type Transport } from '../../../deploy/transport';
import { Failure } from '../../../foundation/failure';
import { renderImageLock } from '../../../services';
import type { Environment } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { fakeTransport } from '../deploy/fake-transport';
import { resolvedLock } from '../services/example';
import { record, surroundings } from '../stacks/example';

describe('what is known of the runtime on a host', () => {
  let folder: string;
  let environment: Environment;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runtime-facts-'));
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, renderImageLock(resolvedLock()));
    environment = { ...loadEnvironment('preview', [record()], surroundings()), sandbox: { imageLockFile } };
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const comparedBy = async (question: Partial<RuntimeQuestion>): Promise<unknown> => {
    const facts = await runtimeFactsOf(environment, { there: true, ...question });
    return facts[environment.host.name]?.compared;
  };
  const answering = (transport: Transport): Partial<RuntimeQuestion> => ({
    open: () => Promise.resolve(transport),
  });

  it('is what would be there, by the name of the host, whether or not it can be asked', async () => {
    const facts = await runtimeFactsOf(environment, { there: false });
    const { rendered = [] } = facts[environment.host.name] ?? {};
    expect(Object.keys(facts)).toEqual([environment.host.name]);
    expect(rendered).toEqual(
      expect.arrayContaining([
        { of: 'container', name: 'cogni-edge/caddy' },
        { of: 'container', name: 'cogni-runtime/postgres' },
        { of: 'network', name: 'cogni-edge' },
        { of: 'file', name: '/opt/cogni/edge/caddy/Caddyfile' },
        { of: 'setting', name: 'AUTH_SECRET' },
      ]),
    );
  });

  it('is not asked of a host that is not there', async () => {
    const open = jest.fn<Promise<Transport>, []>();
    expect(await comparedBy({ there: false, open })).toEqual({ unknown: 'there is no host in the state' });
    expect(open).not.toHaveBeenCalled();
  });

  it('is what the host says, which is then left', async () => {
    const transport = fakeTransport([
      ['python3', { stdout: JSON.stringify({ files: {}, settings: null }) }],
      ['--hash=*', { stdout: '' }],
    ]);
    const close = jest.spyOn(transport, 'close');
    const compared = await comparedBy(answering(transport));
    expect(compared).toEqual({
      changes: expect.arrayContaining([
        { of: 'file', name: '/opt/cogni/edge/compose.yaml', what: 'is rendered, and is not there' },
        { of: 'network', name: 'cogni-edge', what: 'is needed, and is not there' },
      ]),
    });
    expect(close).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['cannot be reached', new Failure({ what: 'nothing answers at 203.0.113.7', next: '' })],
    ['is lost meanwhile', new ConnectionLost({ what: 'the connection is gone', next: '' })],
  ])('is unknown, with the reason, where the host %s', async (_what, failure) => {
    const unknown = { unknown: `the host was not asked: ${failure.what}` };
    expect(await comparedBy({ open: () => Promise.reject(failure) })).toEqual(unknown);
    expect(await comparedBy(answering(fakeTransport([['docker', failure]])))).toEqual(unknown);
  });

  it('is unknown where the host cannot say, and no fault of ours is hidden as that', async () => {
    const broken = fakeTransport([['docker network ls', { code: 1, stderr: 'no daemon' }]]);
    expect(await comparedBy(answering(broken))).toEqual({
      unknown: expect.stringMatching(/^the host was not asked: the networks of .* could not be looked at/),
    });
    await expect(comparedBy({ open: () => Promise.reject(new TypeError('x')) })).rejects.toThrow(TypeError);
  });

  it('is not waited for when the command is cancelled', async () => {
    const cancelled = new Failure({ what: 'cancelled by SIGINT', next: '' });
    const controller = new AbortController();
    controller.abort(cancelled);
    const open: RuntimeQuestion['open'] = (_, signal) => Promise.reject(signal.reason as Error);
    await expect(comparedBy({ signal: controller.signal, open })).rejects.toBe(cancelled);
  });

  it('wants to know which host is meant', async () => {
    await expect(askedRuntimes(undefined)).rejects.toMatchObject({
      exitCode: 2,
      next: './cogni review <plan.json> --env <env> --ask-host',
    });
  });
});
