import { identityText } from '../../../../cli/host-identity-text';
import type { HostCheck } from '../../../../deploy/host/check';
import { Failure } from '../../../../foundation/failure';
import { lookAtIdentity, type Sources } from '../../../../recovery/identity/look';
import { check, evidence, otherKey, server, serverAt } from './examples';

const sources = (change: Partial<Sources> = {}): Sources => ({
  environment: 'preview',
  hostName: 'preview-cogni',
  provisioned: true,
  state: () => Promise.resolve({ id: 811287, address: '192.0.2.7' }),
  servers: () => Promise.resolve([server()]),
  address: () => Promise.resolve('192.0.2.7'),
  look: (address) => Promise.resolve(check({ address })),
  ...change,
});
const fails = (what: string) => (): Promise<never> => Promise.reject(new Failure({ what, next: 'mend it' }));
const silent = (address: string): HostCheck =>
  check({ address, seen: undefined, identity: 'silent', bootstrap: 'unknown', evidence: undefined });

describe('comparing state, inventory and host', () => {
  it('is certain when all three agree', async () => {
    const report = await lookAtIdentity(sources());
    expect(report.verdict).toMatchObject({ id: 'well', sure: 'certain', exitCode: 0 });
    expect(report.findings).toEqual([]);
  });

  it('says of every source that it could not read why, and takes nothing for granted', async () => {
    const report = await lookAtIdentity(
      sources({ state: fails('the backend refused'), servers: fails('the token is not known') }),
    );
    expect(report.case).toMatchObject({ state: 'unread', api: 'unread', host: 'well' });
    expect(report.verdict).toMatchObject({ id: 'well-itself', sure: 'likely', exitCode: 0 });
    expect(report.findings).toEqual([
      'the state could not be read: the backend refused',
      'the inventory could not be read: the token is not known',
    ]);
  });

  it('looks for the machine at every address that may be ours, each once', async () => {
    const asked: string[] = [];
    const report = await lookAtIdentity(
      sources({
        state: () => Promise.resolve({ id: 811287, address: '192.0.2.1' }),
        servers: () => Promise.resolve([server(), serverAt(9, '192.0.2.9'), serverAt(8, '192.0.2.1')]),
        look: (address) => {
          asked.push(address);
          return Promise.resolve(address === '192.0.2.9' ? check({ address }) : otherKey(address));
        },
      }),
    );
    expect(asked).toEqual(['192.0.2.7', '192.0.2.1', '192.0.2.9']);
    expect(report.verdict.id).toBe('ours-elsewhere');
    expect(report.findings).toContain('the pinned machine answers at 192.0.2.9');
  });

  it('names the twin that its advice would remove, and nothing else', async () => {
    const twin = serverAt(900, '192.0.2.9');
    const stranger = server({ id: 901, hostname: 'mail', tags: {}, ip_addresses: [] });
    const report = await lookAtIdentity(
      sources({
        servers: () => Promise.resolve([server(), twin, stranger]),
        look: (address) => Promise.resolve(address === '192.0.2.7' ? check() : silent(address)),
      }),
    );
    expect(report.verdict).toMatchObject({ id: 'twin', destructive: true, exitCode: 3 });
    expect(report.verdict.next).toContain('/v1/servers/900');
    expect(JSON.stringify(report.findings)).not.toContain('901');
  });

  it('leaves alone a server that is being ended beside it', async () => {
    const ending = server({ id: 5, state: 'terminating' });
    const report = await lookAtIdentity(sources({ servers: () => Promise.resolve([server(), ending]) }));
    expect(report.verdict.id).toBe('well');
  });

  it('asks neither state nor inventory of a host that exists by itself', async () => {
    const never = fails('asked');
    const report = await lookAtIdentity(sources({ provisioned: false, state: never, servers: never }));
    expect(report.case).toMatchObject({ state: 'not used', api: 'not used', host: 'well' });
    expect(report.findings).toEqual([]);
  });

  it('asks the archive about a machine that nothing seems to have been deployed to, and about no other', async () => {
    const empty = check({ evidence: evidence({ marker: 'none', release: undefined }) });
    const asked = (found: () => Promise<{ label: string; at: Date } | undefined>, host = empty) =>
      lookAtIdentity(sources({ look: () => Promise.resolve(host), newestBackup: found }));
    const backup = { label: '20261121-074000F', at: new Date('2026-11-21T07:41:00Z') };

    const lost = await asked(() => Promise.resolve(backup));
    expect(lost.verdict).toMatchObject({ id: 'data-gone', sure: 'likely', exitCode: 3 });
    expect(lost.verdict.next).toMatch(/^deploy nothing to it: \.\/cogni rebuild preview --dry-run/);
    expect(lost.findings).toContain(
      'its archive holds the backup 20261121-074000F of 2026-11-21T07:41:00.000Z',
    );

    const fresh = await asked(() => Promise.resolve(undefined));
    expect(fresh.verdict).toMatchObject({ id: 'fresh', exitCode: 0 });
    expect(fresh.findings).toEqual(['its disk has no marker']);

    const unread = await asked(fails('ARCHIVE_KEY is not set here'));
    expect(unread.verdict.id).toBe('fresh');
    expect(unread.findings).toContain(
      'whether its archive holds a backup, which would say that its data are lost, could not be read: ARCHIVE_KEY is not set here',
    );

    expect((await asked(fails('asked'), check())).findings).toEqual([]);
  });

  it('finds the address through the inventory when the state cannot be read', async () => {
    const report = await lookAtIdentity(
      sources({ state: fails('no credentials'), address: fails('no credentials') }),
    );
    expect(report.host?.address).toBe('192.0.2.7');
    expect(report.verdict.id).toBe('well-itself');
  });

  it('says so when no source knows where the host is', async () => {
    const report = await lookAtIdentity(
      sources({ state: fails('a'), servers: fails('b'), address: fails('c') }),
    );
    expect(report.verdict).toMatchObject({ id: 'address-unknown', exitCode: 1 });
  });
});

describe('the text of it', () => {
  it('has the lines of each source, the verdict, every finding and the next step', async () => {
    const unmarked = check({ evidence: evidence({ data: { state: 'unmarked' } }) });
    const report = await lookAtIdentity(sources({ look: () => Promise.resolve(unmarked) }));
    expect(identityText(report)).toMatchInlineSnapshot(`
      "preview at 192.0.2.7
        identity   pinned
        seen       ssh-ed25519 SHA256:ours
        pinned     ssh-ed25519 SHA256:ours
        bootstrap  done
        state      server 811287 at 192.0.2.7
        inventory  same
        beside it  none
        disk       deployment 44444444-4444-4444-4444-444444444444, since 2026-11-21T08:15:00Z
        data       without a marker
        verdict    data-lost (certain): the database answers, and the data that this disk was marked with are not in it: its volume was emptied, or made anew
                   - its database does not hold the data 22222222-2222-2222-2222-222222222222
        next       stop what writes (./cogni maintenance on preview --reason "data lost"), then ./cogni restore preview --to newest --dry-run"
    `);
  });
});
