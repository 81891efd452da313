import { hostFiles } from '../../../../bootstrap';
import { atWorkAtMost } from '../../../../deploy/edge/replace';
import { convergeHost, type ConvergeResult } from '../../../../deploy/host/converge';
import { ExitCode, type Failure } from '../../../../foundation/failure';
import { progressTo, type ProgressEvent } from '../../../../foundation/progress';
import { fixedNeeds } from '../../bootstrap/fixed-needs';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';

const ok = 'identity\tok\t\npackages\tok\t\n';
const acts =
  'identity\tok\t\nssh\tacts\twrite /etc/ssh/sshd_config.d/00-cogni.conf\nssh\tacts\treload sshd\n';

interface Host {
  /** Files that differ. */
  readonly differing?: readonly string[];
  readonly check?: Answer;
  readonly inPlace?: Answer;
  readonly run?: Answer;
}

async function converge(host: Host, changes: { dryRun?: boolean; needs?: typeof fixedNeeds } = {}) {
  const events: ProgressEvent[] = [];
  const transport = fakeTransport([
    ['python3', { stdout: JSON.stringify(host.differing ?? []) }],
    ['/run/cogni/staged-1a/bootstrap.sh check', host.check ?? { stdout: ok }],
    ['sh -euc', host.inPlace ?? {}],
    ['/opt/cogni/bootstrap/bootstrap.sh run', host.run ?? {}],
  ]);
  const outcome: unknown = await convergeHost({
    environment: 'preview',
    transport,
    needs: fixedNeeds,
    runId: '1a',
    progress: progressTo((event) => events.push(event)),
    ...changes,
  }).catch((thrown: unknown) => thrown);
  const notes = events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
  const steps = events.filter((event) => event.kind === 'step');
  return { outcome, result: outcome as ConvergeResult, failure: outcome as Failure, transport, notes, steps };
}

const cleaned = 'sudo -n rm -rf -- /run/cogni/staged-1a';

/** What was begun on the host, in order, without the words that all have in common. */
const begun = ({ log }: FakeTransport): string[] =>
  log
    .filter((line) => line !== cleaned)
    .map((line) => /python3|bootstrap\.sh check|mv|bootstrap\.sh run/.exec(line)?.[0] ?? line);

describe('converging a host', () => {
  test('does nothing more than look where all is as rendered', async () => {
    const { result, transport } = await converge({});
    expect(result).toMatchObject({ applied: false, files: [], edgeDiffers: [] });
    expect(result.findings).toEqual([
      { phase: 'identity', verdict: 'ok', what: '' },
      { phase: 'packages', verdict: 'ok', what: '' },
    ]);
    expect(begun(transport)).toEqual(['python3', 'bootstrap.sh check']);
  });

  test('sends the files on standard input, and everything as root without a password being asked for', async () => {
    const { transport } = await converge({});
    expect(JSON.parse(transport.inputs[0]!)).toEqual(
      hostFiles(fixedNeeds).map(({ path, mode, content }) => ({ path, mode, content })),
    );
    for (const line of transport.log) expect(line).toMatch(/^sudo -n /);
  });

  test('gives the look the time that Docker Compose may still be at work on the edge, and says so', async () => {
    let deadline = 0;
    const check: Answer = (command) => ((deadline = command.deadline), { stdout: ok });
    const { steps } = await converge({ check }, { dryRun: true });
    expect(deadline).toBe(120_000 + atWorkAtMost);
    expect(steps.find(({ name }) => name === 'check each phase')?.why).toContain(
      'still at work on the edge, its end is waited for',
    );
  });

  test('puts the phases in place and runs them where one of them would act', async () => {
    const { result, transport } = await converge({ check: { code: 10, stdout: acts } });
    expect(result).toMatchObject({ applied: true });
    expect(begun(transport)).toEqual(['python3', 'bootstrap.sh check', 'mv', 'bootstrap.sh run']);
  });

  test('puts them in place where only their own files differ', async () => {
    expect((await converge({ differing: ['settings'] })).result).toMatchObject({
      applied: true,
      files: ['settings'],
    });
  });

  test('says only what would be done in a dry run', async () => {
    const host = { differing: ['bootstrap.sh'], check: { code: 10, stdout: acts } };
    const { result, transport } = await converge(host, { dryRun: true });
    expect(result).toEqual({
      applied: false,
      files: ['bootstrap.sh'],
      edgeDiffers: [],
      findings: [
        { phase: 'identity', verdict: 'ok', what: '' },
        { phase: 'ssh', verdict: 'acts', what: 'write /etc/ssh/sshd_config.d/00-cogni.conf' },
        { phase: 'ssh', verdict: 'acts', what: 'reload sshd' },
      ],
    });
    expect(begun(transport)).toEqual(['python3', 'bootstrap.sh check']);
  });

  test('leaves a running edge that differs alone, and names the command that changes it', async () => {
    const check = { code: 11, stdout: `${ok}edge\tdiffers\tcaddy/Caddyfile\n` };
    const { result, notes, transport } = await converge({ check });
    expect(result).toMatchObject({ applied: false, edgeDiffers: ['caddy/Caddyfile'] });
    expect(notes.join()).toContain('caddy/Caddyfile; it is left alone');
    expect(begun(transport)).toEqual(['python3', 'bootstrap.sh check']);
  });

  test('refuses needs that fit no host, with every fault, before anything is sent', async () => {
    const { failure, transport } = await converge(
      {},
      { needs: { ...fixedNeeds, hostName: '', deployKeys: [] } },
    );
    expect(failure.faults).toHaveLength(2);
    expect(transport.log).toEqual([]);
  });

  test.each([
    ['the check', { check: { code: 75 } }],
    ['the run', { check: { code: 10, stdout: acts }, run: { code: 75 } }],
  ])('gives way to another run that is under way when %s begins', async (_, host) => {
    const { failure } = await converge(host);
    expect(failure.exitCode).toBe(ExitCode.locked);
    expect(failure.next).toBe('./cogni host wait preview');
  });

  test('fails with the phase whose check cannot be made, and has changed nothing', async () => {
    const check = {
      code: 1,
      stdout: 'docker\tfailed\tsystemctl is-active\n',
      stderr: 'Failed to connect to bus',
    };
    const { failure, transport } = await converge({ check });
    expect(failure.what).toContain('in phase docker: systemctl is-active');
    expect(failure.state).toBe('nothing was changed');
    expect(failure.output).toContain('Failed to connect to bus');
    expect(begun(transport)).not.toContain('mv');
  });

  test('fails with the phase that failed, what it said, and how to go on', async () => {
    const run = {
      code: 1,
      stdout: 'T phase ssh begins\nT phase ssh failed with exit code 1: sshd -t refuses\n',
    };
    const { failure } = await converge({ check: { code: 10, stdout: acts }, run });
    expect(failure.what).toMatch(/^phase ssh failed on preview \(1: sshd -t refuses\)/);
    expect(failure.next).toContain('./cogni host converge preview');
  });

  test.each([
    ['that changed nothing', {}],
    ['that failed', { check: { code: 1 } }],
  ])('leaves nothing of its own folder in memory after a run %s', async (_, host) => {
    expect((await converge(host)).transport.log.at(-1)).toBe(cleaned);
  });

  test('gives way where another run holds the lock while the phases are put in place', async () => {
    const { failure, transport } = await converge({
      check: { code: 10, stdout: acts },
      inPlace: { code: 75 },
    });
    expect(failure.exitCode).toBe(ExitCode.locked);
    expect(begun(transport).at(-1)).toBe('mv');
  });

  test('has a folder of its own in every run', async () => {
    const folders = await Promise.all(
      [1, 2].map(async () => {
        const transport = fakeTransport([['python3', { stdout: '[]' }]]);
        await convergeHost({ environment: 'preview', transport, needs: fixedNeeds });
        return transport.log.at(-1);
      }),
    );
    expect(folders[0]).toMatch(/^sudo -n rm -rf -- \/run\/cogni\/staged-[0-9a-f]{32}$/);
    expect(folders[0]).not.toBe(folders[1]);
  });

  test('runs nothing where the phases could not be put in place', async () => {
    const { failure, transport } = await converge({
      check: { code: 10, stdout: acts },
      inPlace: { code: 1, stderr: 'No space left on device' },
    });
    expect(failure.state).toContain('none was run');
    expect(failure.output).toContain('No space left on device');
    expect(begun(transport).at(-1)).toBe('mv');
  });
});
