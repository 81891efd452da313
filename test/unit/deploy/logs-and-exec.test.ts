import { execInService } from '../../../deploy/exec';
import { readLogs, type LogLine } from '../../../deploy/logs';
import { redactor } from '../../../deploy/redact';
import { ExitCode } from '../../../foundation/failure';
import { Secret } from '../../../foundation/secret';
import { failureOf } from '../../failure-of';
import { fakeTransport, type Answer } from './fake-transport';

const container = (project: string, service: string, oneOff = 'False'): string =>
  JSON.stringify({
    name: `${project}-${service}-1`,
    project,
    service,
    oneOff,
    state: 'running',
    health: null,
    startedAt: '2026-11-21T08:00:00Z',
    finishedAt: '0001-01-01T00:00:00Z',
    exitCode: 0,
    restarts: 0,
    image: 'x',
  });

const host = (changes: [string, Answer][] = []) =>
  fakeTransport([
    ...changes,
    ['docker ps', { stdout: 'aaa\nbbb\nccc\n' }],
    [
      'docker inspect',
      {
        stdout: [
          container('cogni-edge', 'caddy'),
          container('cogni-runtime', 'app-a'),
          container('cogni-runtime', 'app-b'),
        ].join('\n'),
      },
    ],
    ['/upstream/active', { stdout: 'cogni-app-b\n' }],
    ['import json, os, signal', logs({})],
  ]);

const attached = (log: readonly string[]): string[] => log.filter((line) => line.startsWith('attach'));

/** The programs that one command was asked to run side by side. */
const programsIn = (words: string): string[] =>
  [...words.matchAll(/\["docker",.*?\]/g)].map(([text]) => (JSON.parse(text) as string[]).join(' '));

/** What the host prints for the logs of containers, by a part of their names; of the others there is nothing. */
const logs =
  (written: Readonly<Record<string, { stdout?: string; stderr?: string; code?: number }>>): Answer =>
  ({ argv }) => ({
    stdout: programsIn(argv.join(' '))
      .flatMap((line, program) => {
        const found = Object.entries(written).find(([part]) => line.includes(part))?.[1] ?? {};
        const said = (['stdout', 'stderr'] as const).flatMap((stream) =>
          found[stream] === undefined ? [] : [{ program, stream, text: found[stream] }],
        );
        return [...said, { program, code: found.code ?? 0 }];
      })
      .map((said) => `${JSON.stringify(said)}\n`)
      .join(''),
  });

describe('the logs of a host', () => {
  const lines: LogLine[] = [];
  beforeEach(() => (lines.length = 0));
  const read = (transport = host(), more: object = {}, redact = (text: string) => text) =>
    readLogs(transport, { environment: 'preview', ...more }, redact, (line) => lines.push(line));

  test('are those of every container, each with its service, stream and time', async () => {
    const transport = host([
      [
        'cogni-edge-caddy-1',
        logs({ caddy: { stdout: '2026-11-21T08:00:01.5Z {"level":"info"}', stderr: 'no such thing' } }),
      ],
    ]);
    expect(await read(transport)).toEqual([]);
    expect(lines).toEqual([
      {
        service: 'caddy',
        container: 'cogni-edge-caddy-1',
        stream: 'stdout',
        time: '2026-11-21T08:00:01.5Z',
        text: '{"level":"info"}',
      },
      {
        service: 'caddy',
        container: 'cogni-edge-caddy-1',
        stream: 'stderr',
        time: '',
        text: 'no such thing',
      },
    ]);
  });

  test('of the application are those of the slot that serves, with what was asked for', async () => {
    const transport = host();
    await read(transport, { service: 'app', follow: true, since: '10m', tail: '5' });
    expect(attached(transport.log).map(programsIn)).toEqual([
      ['docker logs --timestamps --follow --since=10m --tail=5 cogni-runtime-app-b-1'],
    ]);
  });

  test('are followed in one session, however many containers there are: sshd allows ten', async () => {
    const many = Array.from({ length: 14 }, (_, index) => container('cogni-runtime', `job-${index}`));
    const transport = host([['docker inspect', { stdout: many.join('\n') }]]);
    await read(transport, { follow: true });
    expect(attached(transport.log).map((line) => programsIn(line).length)).toEqual([14]);
  });

  test('show no secret that is known', async () => {
    const transport = host([
      ['"docker","logs"', logs({ caddy: { stdout: '2026-11-21T08:00:01Z token=p1anted-token' } })],
    ]);
    await read(transport, { service: 'edge' }, redactor([Secret.of('TOKEN', 'p1anted-token')]));
    expect(lines.map(({ text }) => text)).toEqual(['token=[secret TOKEN]']);
  });

  test('name what could not be read', async () => {
    const transport = host([
      ['"docker","logs"', logs({ 'app-a': { code: 1, stderr: 'no such container' } })],
    ]);
    expect(await read(transport)).toEqual([{ container: 'cogni-runtime-app-a-1', code: 1 }]);
    expect(lines.map(({ service, text }) => `${service}: ${text}`)).toEqual(['app-a: no such container']);
  });

  test('are a failure where the host cannot run what reads them, and no empty logs', async () => {
    const transport = host([['"docker","logs"', { code: 127, stderr: 'sh: 4: python3: not found\n' }]]);
    expect(await failureOf(read(transport))).toMatchObject({
      what: expect.stringContaining('ended with exit code 127') as string,
      output: 'sh: 4: python3: not found',
      next: './cogni host check preview',
    });
  });

  test('end where nobody wants them any more, which is no failure', async () => {
    const transport = host([['"docker","logs"', { code: 143 }]]);
    expect(await read(transport, { follow: true, signal: AbortSignal.abort() })).toEqual([]);
  });

  test('are refused of a service that is not there, with those that are', async () => {
    const failure = await failureOf(read(host(), { service: 'redis' }));
    expect(failure.exitCode).toBe(ExitCode.usage);
    expect(failure.faults).toEqual(['there is: caddy', 'there is: app-a', 'there is: app-b']);
  });
});

describe('a program in a container', () => {
  const run = (transport = host(), more: object = {}) =>
    execInService(transport, {
      environment: 'preview',
      service: 'app',
      argv: ['node', '-e', 'console.log("$HOME")'],
      terminal: false,
      ...more,
    });

  test('runs where the application serves, without a shell, and its exit code is passed on', async () => {
    const transport = host([['docker exec', { code: 42 }]]);
    expect(await run(transport)).toBe(42);
    expect(attached(transport.log)).toEqual([
      'attach docker exec --interactive cogni-runtime-app-b-1 node -e console.log("$HOME")',
    ]);
  });

  test('gets a terminal where a person is at one', async () => {
    const transport = host();
    await run(transport, { terminal: true, service: 'edge', argv: ['sh'] });
    expect(attached(transport.log)).toEqual([
      'attach with a terminal docker exec --interactive --tty cogni-edge-caddy-1 sh',
    ]);
  });

  test('is refused while no application serves', async () => {
    const failure = await failureOf(run(host([['/upstream/active', { stdout: 'none\n' }]])));
    expect(failure.what).toBe('no application serves on preview');
  });

  test('does not say so where it was not told what serves', async () => {
    const cut = { code: null, timedOut: true } as const;
    const failure = await failureOf(run(host([['/upstream/active', cut]])));
    expect(failure.faults).toEqual([expect.stringMatching(/^upstream: did not end within/)]);
  });
});
