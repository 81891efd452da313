import * as fc from 'fast-check';
import { planJson, planText } from '../../../deploy/plan-text';
import type { Plan } from '../../../deploy/step';
import { Secret } from '../../../foundation/secret';

const plan = (secret: string): Plan => ({
  title: 'deploy preview-1 to preview',
  steps: [
    {
      id: 'files',
      name: 'write the files',
      why: 'the services read them',
      doneWhen: [
        {
          do: 'run',
          command: { argv: ['test', '-e', 'x'], deadline: 5000 },
          expect: { exit: [0, 1], stdout: { equals: 'yes' } },
        },
      ],
      actions: [
        {
          do: 'write',
          folder: '/opt',
          files: [
            { path: 'compose.yaml', mode: 0o644, content: 'name: x\nservices: {}\n' },
            { path: '.env', mode: 0o600, content: Secret.of('.env', `A=${secret}`) },
          ],
        },
        {
          do: 'run',
          command: {
            argv: ['docker', 'login', '--password-stdin', 'ghcr.io'],
            stdin: ['user ', Secret.of('TOKEN', secret)],
            deadline: 30_000,
          },
          retry: { every: 1000, within: 9000 },
        },
        { do: 'hold', command: { argv: ['flock', '/a lock'], deadline: 10_000 }, until: 'end of plan' },
        {
          do: 'gate',
          checks: [{ url: 'https://site.test/version', status: 200, json: { buildSha: 'abc' } }],
          retry: { every: 1000, within: 60_000, inARow: 3 },
        },
      ],
      cleanUp: [{ argv: ['rm', '-r', '/tmp/x'], deadline: 5000 }],
      undo: [{ argv: ['undo'], deadline: 5000 }],
      diagnose: [{ argv: ['logs'], deadline: 5000 }],
      leaves: 'as it was',
      next: 'cogni deploy preview',
    },
  ],
});

describe('a plan in words', () => {
  test('shows all that a run would do, with secrets by name', () => {
    expect(planText(plan('p1anted'))).toBe(`deploy preview-1 to preview: 1 steps

1. write the files
   why: the services read them
   done already when:
     $ test -e x
       at most 5 s
       expected: exit code 0 or 1, "yes"
   does:
     write /opt/compose.yaml (mode 0644)
       | name: x
       | services: {}
     write /opt/.env (mode 0600)
       | [secret .env]
     $ docker login --password-stdin ghcr.io
       standard input:
       | user [secret TOKEN]
       at most 30 s
       tried every 1 s for at most 9 s, until it is so once
     $ flock '/a lock'
       at most 10 s
       held until the end of plan
     GET https://site.test/version answers 200 with {"buildSha":"abc"}
       tried every 1 s for at most 60 s, until it is so 3 times in a row
   afterwards, whatever happens:
     $ rm -r /tmp/x
       at most 5 s
   taken back by:
     $ undo
       at most 5 s
   shown when it fails:
     $ logs
       at most 5 s
   leaves: as it was
   then run: cogni deploy preview
`);
  });

  test('says after which step nothing is taken back any more', () => {
    const { title, steps } = plan('p1anted');
    const settled: Plan = { title, steps: steps.map((step) => ({ ...step, settles: true })) };
    const line = 'once it is done, nothing is taken back any more';
    expect(planText(settled)).toContain(line);
    expect(planText(plan('p1anted'))).not.toContain(line);
  });

  test('is data for programs as well', () => {
    expect(planJson(plan('p1anted'))).toMatchObject({
      title: 'deploy preview-1 to preview',
      steps: [
        {
          actions: [
            { do: 'write', files: [{ path: 'compose.yaml' }, { path: '.env', content: '[secret .env]' }] },
            { do: 'run', command: { stdin: 'user [secret TOKEN]' } },
            {},
            {},
          ],
        },
      ],
    });
  });

  test('never shows a secret, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8 }).map((text) => `p1anted${text}`),
        (secret) => {
          expect(planText(plan(secret))).not.toContain(secret);
          expect(JSON.stringify(planJson(plan(secret)))).not.toContain('p1anted');
        },
      ),
    );
  });
});
