import { ExitCode, Failure } from '../../../foundation/failure';
import { run } from '../../../foundation/process';
import type { StateBackend } from '../../../infra/backend';
import { eventually } from '../../contract/images/harness';
import { DatabaseServer } from '../services/database/database-server';
import { S3Server } from './s3-server';
import { StateDesk } from './state-desk';

/** Milliseconds: on a machine that has built nothing yet, the servers are built first. */
const build = 25 * 60_000;
// Each test runs Terraform several times, which takes long on a busy machine.
jest.setTimeout(3 * 60_000);

/** A server that keeps states. */
interface Kept {
  readonly backend: StateBackend;
  readonly credentials: Readonly<Record<string, string>>;
  /** What no file may hold. */
  readonly secrets: readonly string[];
  readonly wrong: Readonly<Record<string, string>>;
  readonly remove: () => unknown;
}

async function s3(): Promise<Kept> {
  const server = await S3Server.start();
  return {
    backend: { kind: 's3', bucket: server.bucket, region: 'us-east-1', endpoint: server.endpoint },
    credentials: server.account,
    secrets: Object.values(server.account),
    wrong: { AWS_ACCESS_KEY_ID: 'wrong', AWS_SECRET_ACCESS_KEY: 'wr0ng-secret' },
    remove: () => server.remove(),
  };
}

async function pg(): Promise<Kept> {
  const server = await DatabaseServer.start();
  const password = 'p1anted-root-password';
  const address = await server.address();
  const login = { role: 'cogni_root', password, database: 'postgres', statement: 'SELECT 1' };
  await eventually(async () => expect(await server.as([login])).toEqual(['1']), 60);
  const url = (word: string): string => `postgres://cogni_root:${word}@${address}/postgres?sslmode=disable`;
  return {
    backend: { kind: 'pg' },
    credentials: { PG_CONN_STR: url(password) },
    secrets: [password],
    wrong: { PG_CONN_STR: url('wr0ng-secret') },
    remove: () => server.remove(),
  };
}

const refusalOf = async (work: Promise<unknown>): Promise<Failure> => {
  try {
    await work;
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was refused');
};

describe.each([
  ['s3, on versitygw', s3],
  ['pg, on PostgreSQL', pg],
] as const)('a state in %s', (name, start) => {
  let kept: Kept;
  let turn = 0;
  const desks: StateDesk[] = [];
  beforeAll(async () => {
    kept = await start();
  }, build);
  afterAll(() => kept.remove());
  afterEach(() => {
    for (const each of desks.splice(0)) each.remove();
  });

  const desk = (environment: string, credentials = kept.credentials): StateDesk => {
    const made = new StateDesk(environment, kept.backend, {
      AWS_EC2_METADATA_DISABLED: 'true',
      ...credentials,
    });
    desks.push(made);
    return made;
  };
  const applied = async (each: StateDesk, value: string): Promise<void> => {
    each.write(value);
    await each.apply(await each.plan());
  };
  /** Begins to apply, and waits in the middle of it. @returns how that ends, and the Terraform that waits */
  const begun = async (each: StateDesk): Promise<{ ended: Promise<unknown>; terraform: number }> => {
    // Another value each time: what is there already is not made.
    each.write(`waits ${(turn += 1)}`, each.waiting);
    const plan = await each.plan();
    const ended = each.apply(plan).catch((thrown: unknown) => thrown);
    const terraform = await eventually(() =>
      each.waitingTerraform === undefined
        ? Promise.reject(new Error('it does not wait yet'))
        : Promise.resolve(each.waitingTerraform),
    );
    return { ended, terraform };
  };

  it('is one for each environment, which another machine sees and another environment does not', async () => {
    await applied(desk('preview'), 'of preview');
    await applied(desk('production'), 'of production');
    const elsewhere = desk('preview');
    elsewhere.write('of preview');
    expect((await elsewhere.plan()).judged.verdict).toBe('NO-OP');
    elsewhere.write('of production');
    expect((await elsewhere.plan()).judged.verdict).not.toBe('NO-OP');
  });

  it('leaves its credentials in no file: not the synthesized one, nor the plan, nor what Terraform notes of the backend', async () => {
    const here = desk('preview');
    await applied(here, 'with credentials');
    const written = await here.written();
    const names = [...written.keys()].join('\n');
    expect(names).toMatch(/cdk\.tf\.json[^]*|\.terraform\/terraform\.tfstate/);
    expect(names).toContain('.terraform/terraform.tfstate');
    expect(names).toContain('plan:tfplan');
    const found = [...written].filter(([, text]) => kept.secrets.some((secret) => text.includes(secret)));
    expect(found.map(([file]) => file)).toEqual([]);
  });

  it('is changed by one run at a time: the other one says who holds it and what to do, of that environment alone', async () => {
    const first = desk('preview');
    const { ended } = await begun(first);
    const second = desk('preview');
    second.write('meanwhile');
    const refusal = await refusalOf(second.plan());
    expect([refusal.exitCode, refusal.state, refusal.what]).toEqual([
      ExitCode.locked,
      'nothing was changed',
      expect.stringContaining('another run holds the lock of the state'),
    ]);
    expect(refusal.next).toMatch(/^wait until it has ended, then run this again\. /);
    const other = desk('production');
    other.write('meanwhile');
    await other.plan();
    first.letGo();
    expect(await ended).toMatchObject({ applied: true });
    await second.plan();
  });

  it('takes no credentials that are wrong, and shows none of them', async () => {
    const here = desk('preview', kept.wrong);
    here.write('x');
    const refusal = await refusalOf(here.plan());
    expect(refusal).toMatchObject({ exitCode: ExitCode.failed, state: 'nothing was changed' });
    expect(refusal.next).toContain(Object.keys(kept.wrong)[0]);
    expect(refusal.message).not.toContain('wr0ng-secret');
  });

  it(`${name.startsWith('s3') ? 'stays locked' : 'is free at once'} when Terraform is killed in the middle of an apply`, async () => {
    const first = desk('preview');
    const { ended, terraform } = await begun(first);
    process.kill(terraform, 'SIGKILL');
    first.letGo();
    expect(await ended).toBeInstanceOf(Failure);
    const second = desk('preview');
    second.write('afterwards');
    if (kept.backend.kind === 's3') {
      const refusal = await refusalOf(second.plan());
      expect(refusal.what).toMatch(/lock of the state: \S+@\S+, since \d{4}-\S+Z \(apply\)$/);
      const [, command = ''] = /its machine is gone\): (.*)$/.exec(refusal.next) ?? [];
      // As a person does it who reads that: nothing but the command, and a yes.
      const freed = await run({
        argv: ['sh', '-c', command],
        stdin: 'yes\n',
        env: second.at.env ?? {},
        deadline: 60_000,
      });
      expect(freed).toMatchObject({ code: 0 });
      await second.plan();
    } else await eventually(() => second.plan());
  });
});
