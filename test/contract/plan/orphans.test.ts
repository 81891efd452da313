import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { lookupFrom } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { systemClock } from '../../../foundation/clock';
import { ExitCode, Failure } from '../../../foundation/failure';
import { accountFacts } from '../../../infra/cherry/account-facts';
import { cherryApi, type CherryApi } from '../../../infra/cherry/client';
import { orphanAdvice, orphansOf } from '../../../infra/cherry/orphans';
import { judgePreflight, type Wanted } from '../../../infra/cherry/preflight';
import { parseImports } from '../../../infra/plan/imports';
import type { StateFacts } from '../../../infra/plan/state-facts';
import { project, tokens } from '../emulator/rig';
import { app, key, server, userData, withServer } from '../provider/configuration';
import { World } from '../provider/run';
import { Desk } from './desk';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;
jest.setTimeout(3 * 60_000);

let world: World;
let api: CherryApi;
const apiWith = (token: string): CherryApi =>
  cherryApi({
    https: httpsThrough(
      { authorities: [world.rig.authority.ca], lookup: lookupFrom(undefined) },
      proxyFrom(world.environment),
    ),
    token: Secret.of('token', token),
    clock: systemClock,
  });
beforeAll(async () => {
  world = await World.start();
  api = apiWith(tokens.own);
}, build);
afterAll(() => world.remove());
beforeEach(() => world.rig.control('POST', 'reset'));

const belonging = { environment: 'preview', hostName: server.hostname };
const wanted = (change: Partial<Wanted> = {}): Wanted => ({
  ...belonging,
  stack: 'preview',
  projectId: project,
  plan: server.plan,
  region: server.region,
  image: server.image,
  key: { label: key.name, line: key.public_key },
  state: { version: null, ids: {} },
  imports: [],
  forget: (address) => `terraform state rm ${address}`,
  ...change,
});
const preflight = async (change: Partial<Wanted> = {}, asking = api): Promise<readonly string[]> =>
  judgePreflight(wanted(change), await accountFacts(asking, wanted(change))).faults;

describe('a server that a failed apply left behind', () => {
  it('is named with its import, orders no twin, and is taken into the state by that advice', async () => {
    // What is not read back is ignored, as in infra/host.ts.
    const ignoring = withServer({
      lifecycle: { ignore_changes: ['user_data', 'image', 'ssh_key_ids', 'os_partition_size'] },
    });
    const desk = await Desk.open(world, ignoring);
    await desk.plan();
    await world.rig.control('POST', 'faults', {
      when: { path: '/v1/servers/*', query: { fields: 'state' } },
      then: { kind: 'answer', status: 429, body: { code: 429, message: 'Too many requests.' } },
    });
    const leftBehind = async (state: StateFacts): Promise<readonly string[]> =>
      orphansOf(await api.servers(project), state, belonging).map((each) =>
        orphanAdvice(each, 'preview', app),
      );
    const failure = (await desk.apply({ leftBehind }).catch((thrown: unknown) => thrown)) as Failure;
    const id = String(world.rig.machines.all[0]!.serverId);
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failure.message).toContain('Too many requests.');
    expect(failure.faults).toEqual([expect.stringContaining(`--import ${app}=${id}`)]);

    const stopped = preflight();
    expect(await stopped).toEqual(
      expect.arrayContaining([expect.stringContaining('to plan now would order a twin beside it')]),
    );

    const imports = parseImports([/--import (\S+)/.exec(failure.faults[0]!)![1]!]);
    const { judged } = await desk.plan({ imports });
    expect(judged.verdict).toBe('IMPORT-WIPE');
    const words = { wipe: [], reviewed: judged.review.planHash!.slice(0, 8), withoutBackup: [] };
    await desk.apply({ words });
    expect(world.rig.machines.all).toMatchObject([{ serverId: Number(id), diskGeneration: 1 }]);
    expect((await desk.stack.valuesOf(app))!['id']).toBe(id);
    expect(await desk.stack.must('plan', '-detailed-exitcode', '-input=false')).toContain('No changes.');
  });
});

describe('the preflight against the API', () => {
  it('finds nothing in an account that has everything', async () => {
    expect(await preflight()).toEqual([]);
  });

  it('says that a token is not known, and once', async () => {
    expect(await preflight({}, apiWith('token-that-nobody-knows'))).toEqual([
      expect.stringContaining('the Cherry API does not know the token (401: No valid API key provided.)'),
    ]);
  });

  it('says everything else that is wrong, all at once', async () => {
    const order = { project_id: project, plan: server.plan, region: server.region, image: server.image };
    await world.rig.client().call('POST', `/v1/projects/${project}/servers`, {
      ...order,
      hostname: server.hostname,
      user_data: userData('left'),
      tags: {},
      spot_market: false,
    });
    await world.rig.client().call('POST', '/v1/ssh-keys', { label: 'laptop', key: key.public_key });
    expect(await preflight({ region: 'XX-Nowhere', image: 'ubuntu_22' })).toEqual([
      expect.stringContaining(`plan ${server.plan} is not offered in XX-Nowhere`),
      expect.stringContaining('"ubuntu_22_04" is meant?'),
      expect.stringContaining('the deploy key is at Cherry already'),
      expect.stringContaining('exists at Cherry, is paid for, and is not in the state'),
    ]);
    expect(await preflight({ projectId: 1, plan: 'nope' })).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`project 1 is none of the token's teams'; there are: ${project}`),
        expect.stringContaining(`there is no plan "nope"; there are: `),
      ]),
    );
  });

  it('says what answers when it is not the API', async () => {
    const page = { kind: 'answer', status: 502, body: '<h1>502 Bad Gateway</h1>' };
    await world.rig.control('POST', 'faults', { when: { path: '/v1/teams', times: null }, then: page });
    expect(await preflight()).toEqual([expect.stringMatching(/out of order: status 502 .*text\/html/)]);
  });
});
