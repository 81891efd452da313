import { rebuildWork, type WorkProps } from '../../../cli/rebuild-work';
import type { Transport } from '../../../deploy/transport';
import { ExitCode } from '../../../foundation/failure';
import { silent } from '../../../foundation/progress';
import { failureOf } from '../../failure-of';
import { FakeHost } from '../recovery/restore/fake-host';
import { request, restoreOn, undoOn } from '../recovery/restore/sample';
import { begun } from '../recovery/rebuild/sample';

let host: FakeHost;

jest.mock('../../../cli/on-host', () => ({
  onHost: (_: string, use: (transport: Transport) => unknown) => use(host.transport),
}));
jest.mock('../../../deploy/ssh', () => ({ connect: () => Promise.resolve(host.transport) }));
jest.mock('../../../cli/restore', () => ({
  ...jest.requireActual<object>('../../../cli/restore'),
  restoreSiteOf: () => {
    const { target, keys, replace, ...site } = request;
    return Promise.resolve({ site, keys, host: { host: {} }, target, replace });
  },
}));

const newest = { ...request, target: { kind: 'end' } } as const;

/** The stage of a rebuild that has begun it before, and is gone on with. */
const stage = (): ReturnType<typeof rebuildWork>['restore'] =>
  rebuildWork({
    environment: { name: 'preview', host: { kind: 'existing', name: 'preview-cogni' } },
    given: {},
    story: {
      begun,
      lines: [{ v: 1, at: '2026-11-21T12:30:00Z', kind: 'stage-begun', stage: 'restore' }],
      ended: false,
    },
    files: '',
    again: './cogni rebuild preview',
    progress: silent,
    signal: new AbortController().signal,
  } as unknown as WorkProps).restore;

describe('the restore of a rebuild that is gone on with', () => {
  afterEach(() => host.remove());

  /** Cut off in it, on a host that has nothing yet. */
  async function cutOff(how: Partial<Pick<FakeHost, 'fails' | 'life'>>): Promise<readonly string[]> {
    host = Object.assign(new FakeHost(undefined), how);
    const { replace, ...asked } = newest;
    expect(replace).toBeDefined();
    await restoreOn(host, asked).catch(() => undefined);
    const { log } = Object.assign(host, { fails: 'nothing at all', life: Infinity });
    return log.splice(0);
  }
  const copies = (): number => host.log.filter((line) => line.includes('copy.sh restore')).length;

  it('leaves its data alone where they have served since, though its last step was lost', async () => {
    await cutOff({ fails: 'sh clean' });
    host.deploy();
    expect(await stage().isDone?.()).toBe('the data are in their place, and have served since');
  });

  it('only ends what was left where they have not', async () => {
    await cutOff({ fails: 'sh clean' });
    const { isDone, run } = stage();
    expect(await isDone?.()).toBeUndefined();
    await run();
    expect([copies(), host.disk()]).toEqual([0, { _data: 'restored' }]);
  });

  it('finds its data in their place where all of it was done, and only that was not written down', async () => {
    await cutOff({});
    host.deploy();
    expect(await stage().isDone?.()).toBe('the data are in their place');
  });

  it('calls no database rebuilt that a deploy by hand has begun where its restore had failed, and names the ways on', async () => {
    await cutOff({ fails: 'copy.sh restore' });
    host.deploy('begun by hand');
    const failure = await failureOf(Promise.resolve(stage().isDone?.()));
    expect(failure).toMatchObject({ exitCode: ExitCode.refused });
    expect(failure.next).toContain(
      './cogni restore preview --to newest --replace preview-cogni@newest, which keeps them on the disk, then ./cogni rebuild preview',
    );
    expect(failure.next).toContain(`./cogni rebuild preview --abandon ${begun.id}`);
    // As advised: it is gone on with then.
    await restoreOn(host, { ...newest, replace: 'preview-cogni@newest' });
    expect(host.disk()).toMatchObject({ _data: 'restored', 'before-20261121T123000Z': 'begun by hand' });
    expect(await stage().isDone?.()).toBe('the data are in their place');
    // And not any more once they were taken back.
    await undoOn(host, '20261121T123000Z');
    await expect(stage().isDone?.()).rejects.toThrow('no restore has put there');
  });

  it('replaces no data that a person has begun there before its own were in their place', async () => {
    const log = await cutOff({});
    host.remove();
    await cutOff({ life: log.findIndex((line) => line.endsWith('sh ready')) + 1 });
    host.deploy('begun by hand');
    const { isDone, run } = stage();
    expect(await isDone?.()).toBeUndefined();
    expect(await failureOf(Promise.resolve(run()))).toMatchObject({ exitCode: ExitCode.refused });
    expect(host.disk()).toMatchObject({ _data: 'begun by hand' });
  });
});
