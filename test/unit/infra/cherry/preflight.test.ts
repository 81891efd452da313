import {
  fingerprintOf,
  judgeAddress,
  judgePreflight,
  replacementFault,
  type AccountFacts,
  type Wanted,
} from '../../../../infra/cherry/preflight';
import type { Server } from '../../../../infra/cherry/client';
import { ed25519 } from '../keys';

const wanted = (change: Partial<Wanted> = {}): Wanted => ({
  environment: 'preview',
  hostName: 'preview-cogni',
  stack: 'preview',
  projectId: 1,
  plan: 'B1-4-4gb-80s-shared',
  region: 'LT-Siauliai',
  image: 'ubuntu_22_04',
  key: { label: 'preview-cogni-deploy', line: ed25519(1) },
  state: { version: null, ids: {} },
  imports: [],
  forget: (address) => `terraform state rm ${address}`,
  ...change,
});
const living = {
  version: { serial: 1, lineage: 'l' },
  ids: { 'cherryservers_server.host': '811287', 'cherryservers_ssh_key.deploy_key': '5' },
};
const server = (change: Partial<Server> = {}): Server => ({
  id: 811287,
  name: 'preview-cogni',
  hostname: 'preview-cogni',
  state: 'active',
  tags: {},
  ip_addresses: [{ address: '192.0.2.1', type: 'primary-ip' }],
  ...change,
});
const offered = (stock = 3, slug = 'LT-Siauliai') => ({
  value: { slug: 'B1-4-4gb-80s-shared', available_regions: [{ slug, stock_qty: stock }] },
});
const facts = (change: Partial<AccountFacts> = {}): AccountFacts => ({
  projects: { value: [{ id: 1, name: 'ours' }] },
  plan: offered(),
  plans: { value: [] },
  images: { value: [{ name: 'Ubuntu 22.04 64bit', slug: 'ubuntu_22_04' }] },
  keys: { value: [] },
  servers: { value: [] },
  ...change,
});
const faults = (change: Partial<AccountFacts>, wish: Partial<Wanted> = {}): readonly string[] =>
  judgePreflight(wanted(wish), facts(change)).faults;

describe('the preflight', () => {
  it('finds nothing where everything can be had', () => {
    expect(judgePreflight(wanted(), facts())).toEqual({ faults: [], notes: [] });
  });

  it('asks for no key that the stack does not register', () => {
    const taken = { value: [{ id: 5, label: 'preview-cogni-deploy', key: ed25519(1), fingerprint: '' }] };
    expect(faults({ keys: taken })).not.toEqual([]);
    const without: Wanted = { ...wanted() };
    Reflect.deleteProperty(without, 'key');
    expect(judgePreflight(without, facts({ keys: taken })).faults).toEqual([]);
  });

  it('names the projects that there are, when the one that is wanted is not among them', () => {
    expect(faults({ projects: { value: [{ id: 2, name: 'theirs' }] } })).toEqual([
      "project 1 is none of the token's teams'; there are: 2 (theirs)",
    ]);
    expect(faults({ projects: { value: [] } })).toEqual([expect.stringContaining('no project at all')]);
  });

  it('names the plans that there are, and asks no more of one that there is not', () => {
    const { projects, plan, plans, keys } = facts({
      plan: { value: undefined },
      plans: { value: [{ slug: 'b' }, { slug: 'a' }] },
    });
    expect(judgePreflight(wanted(), { projects, plan, plans, keys }).faults).toEqual([
      'there is no plan "B1-4-4gb-80s-shared"; there are: a, b',
    ]);
  });

  it('says where a plan is in stock, when it is not here', () => {
    expect(faults({ plan: offered(0) })).toEqual([
      'plan B1-4-4gb-80s-shared is out of stock in LT-Siauliai; it is in stock nowhere',
    ]);
    expect(faults({ plan: offered(2, 'NL-Amsterdam') })).toEqual([
      'plan B1-4-4gb-80s-shared is not offered in LT-Siauliai; it is in stock in NL-Amsterdam',
    ]);
    expect(faults({ plan: offered() }, { region: 'MARS' })).toEqual([
      expect.stringContaining('no region that is known'),
    ]);
  });

  it('says of a slug that Cherry has renamed what the living server calls it now', () => {
    const renamed = server({ plan: { slug: 'new-plan' }, region: { slug: 'new-region' } });
    const given = { servers: { value: [renamed] } };
    expect(faults({ ...given, plan: { value: undefined } }, { state: living })).toEqual([
      expect.stringMatching(/has the plan "new-plan": Cherry has renamed it.*it replaces nothing/),
    ]);
    expect(faults({ ...given, plan: offered(2, 'new-region') }, { state: living })).toEqual([
      expect.stringMatching(/is not offered in LT-Siauliai, .* has the region "new-region"/),
    ]);
  });

  it('knows nothing of servers where the project may not be seen', () => {
    const { servers, ...unseen } = facts({ projects: { trouble: 'x' } });
    expect(servers).toBeDefined();
    expect(judgePreflight(wanted({ state: living }), unseen)).toEqual({ faults: ['x'], notes: [] });
  });

  it('says that an order may be refused while the server before it is on its way out', () => {
    const { notes } = judgePreflight(
      wanted(),
      facts({ servers: { value: [server({ state: 'terminating' })] } }),
    );
    expect(notes).toEqual([expect.stringContaining('server 811287 "preview-cogni" is still being ended')]);
  });

  it('needs no stock for a server that there is, unless it is replaced', () => {
    expect(faults({ plan: offered(0), servers: { value: [server()] } }, { state: living })).toEqual([]);
    expect(replacementFault(wanted({ state: living }), facts({ plan: offered(0) }))).toContain(
      'it would be gone',
    );
    expect(replacementFault(wanted({ state: living }), facts())).toBeUndefined();
    expect(replacementFault(wanted(), facts({ plan: { trouble: 'x' } }))).toBeUndefined();
  });

  it('wants the exact slug of an image, and knows what was meant', () => {
    const images = { value: [{ name: 'Ubuntu 24.04 64bit', slug: 'ubuntu_24_04_64bit' }] };
    expect(faults({ images }, { image: 'ubuntu_24_04' })).toEqual([
      expect.stringContaining('"ubuntu_24_04_64bit" is meant?'),
    ]);
    expect(faults({ images })).toEqual([expect.stringContaining('there are: ubuntu_24_04_64bit')]);
  });

  it('finds the deploy key under another name, by text and by fingerprint', () => {
    const other = { id: 7, label: 'laptop', key: ed25519(1, 'elsewhere'), fingerprint: '' };
    expect(faults({ keys: { value: [other] } })).toEqual([
      expect.stringContaining('as key 7 "laptop", which is not in the state'),
    ]);
    const print = fingerprintOf(ed25519(1))!;
    expect(print).toMatch(/^(?:[0-9a-f]{2}:){15}[0-9a-f]{2}$/);
    expect(faults({ keys: { value: [{ ...other, key: '', fingerprint: print }] } })).toEqual([
      expect.stringContaining('--import cherryservers_ssh_key.deploy_key=7'),
    ]);
  });

  it('finds another key under the same label', () => {
    const twin = { id: 8, label: 'preview-cogni-deploy', key: ed25519(2), fingerprint: '' };
    expect(faults({ keys: { value: [twin] } })).toEqual([
      expect.stringContaining('another key has the label'),
    ]);
  });

  it('takes the key of the state for its own', () => {
    const own = { id: 5, label: 'preview-cogni-deploy', key: ed25519(1), fingerprint: '' };
    expect(faults({ keys: { value: [own] } }, { state: living })).toEqual([]);
  });

  it('orders no twin of a server that the state does not know, and says both ways back', () => {
    const [fault = ''] = faults({ servers: { value: [server()] } });
    expect(fault).toContain(
      'server 811287 "preview-cogni" (active, 192.0.2.1) exists at Cherry, is paid for',
    );
    expect(fault).toContain('./cogni plan preview --import cherryservers_server.host=811287');
    expect(fault).toContain('-X DELETE');
    expect(fault).toContain('to plan now would order a twin');
  });

  it('finds such a server by its label too, and leaves those of others and what is going away alone', () => {
    const labelled = server({ hostname: 'x', name: 'x', tags: { environment: 'preview' } });
    expect(faults({ servers: { value: [labelled] } })).toHaveLength(1);
    const others = [server({ hostname: 'production-cogni', name: 'p' }), server({ state: 'terminating' })];
    expect(faults({ servers: { value: others } })).toEqual([]);
  });

  it('lets a server that exists be imported', () => {
    const imports = [{ address: 'cherryservers_server.host', id: '811287' }];
    expect(judgePreflight(wanted({ imports }), facts({ servers: { value: [server()] } }))).toEqual({
      faults: [],
      notes: [],
    });
  });

  it('says of a twin beside a living server, and stops nothing', () => {
    const { faults: stopped, notes } = judgePreflight(
      wanted({ state: living }),
      facts({ servers: { value: [server(), server({ id: 9 })] } }),
    );
    expect([stopped, notes.length, notes[0]]).toEqual([[], 1, expect.stringContaining('server 9 ')]);
  });

  it('says every fault in one report, and one trouble once', () => {
    const trouble = { trouble: 'the API is out of order' };
    expect(
      faults({ projects: trouble, plan: trouble, keys: trouble, servers: trouble, images: { value: [] } }),
    ).toEqual(['the API is out of order', expect.stringContaining('no image')]);
    expect(faults({ plan: offered(0), images: { value: [] }, projects: { value: [] } })).toHaveLength(3);
  });

  it('wants stock again where the server of the state is gone, or is being ended', () => {
    for (const servers of [[], [server({ state: 'terminating' })]]) {
      const judged = judgePreflight(
        wanted({ state: living }),
        facts({ plan: offered(0), servers: { value: servers } }),
      );
      expect(judged.faults).toEqual([expect.stringContaining('is out of stock')]);
      expect(judged.notes).toEqual([expect.stringContaining('this plan orders another one')]);
    }
  });

  it('orders no twin beside a server whose elder is gone', () => {
    const [fault] = faults({ servers: { value: [server({ id: 9 })] } }, { state: living });
    expect(fault).toContain('server 9 "preview-cogni" (active');
  });

  it('finds a server whose image has lost its name, which no plan can read', () => {
    const old = server({ image: 'Ubuntu 22.04' });
    expect(faults({ servers: { value: [old] } }, { state: living })).toEqual([
      expect.stringContaining('"Ubuntu 22.04", and Cherry no longer has one of that name'),
    ]);
    const others = [server({ image: 'Ubuntu 22.04 64bit' }), { ...old, plan: { slug: 'another' } }];
    for (const each of others) expect(faults({ servers: { value: [each] } }, { state: living })).toEqual([]);
  });

  it('of an address looks at its project, and whether the address is there', () => {
    const state = { version: null, ids: { 'cherryservers_ip.floating': 'a1' } };
    const of = (projects: AccountFacts['projects'], there?: string) =>
      judgeAddress(wanted({ state }), {
        projects,
        ...(there === undefined ? {} : { addresses: { value: [{ id: there, address: '192.0.2.9' }] } }),
      }).faults;
    expect(of(facts().projects, 'a1')).toEqual([]);
    expect(of(facts().projects, 'b2')).toEqual([
      expect.stringMatching(
        /address a1 of the state .* no longer at Cherry.*: terraform state rm cherryservers_ip\.floating$/,
      ),
    ]);
    expect(of({ value: [{ id: 2, name: 'x' }] })).toHaveLength(1);
    expect(of({ trouble: 'x' })).toEqual(['x']);
  });
});
