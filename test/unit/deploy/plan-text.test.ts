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
        {
          do: 'hold',
          command: { argv: ['flock', '/a lock'], deadline: 10_000 },
          until: 'end of plan',
          taken: { exit: 75, by: { argv: ['cat', 'holder'], deadline: 5000 } },
        },
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
     $ mkdir --parents --mode=0755 -- /opt
       at most 30 s
     $ tar --extract --file=- --directory=/opt --preserve-permissions --no-same-owner --touch
       standard input, an archive of:
       /opt/compose.yaml (mode 0644)
       | name: x
       | services: {}
       /opt/.env (mode 0600)
       | [secret .env]
       at most 60 s
     $ docker login --password-stdin ghcr.io
       standard input:
       | user [secret TOKEN]
       at most 30 s
       tried every 1 s for at most 9 s, until it is so once
     $ flock '/a lock'
       at most 10 s
       held until the end of plan
       exit code 75: somebody else has it, and who that is says
     $ cat holder
       at most 5 s
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
   on another run: it is skipped where its work is there already
   when the run is cancelled: the command that runs ends by itself first
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

  test('says of the steps after it that they are done in any case, and fail nothing', () => {
    const { title, steps } = plan('p1anted');
    const last: Plan['steps'] = steps.map((step) => ({ ...step, interruptible: true }));
    const text = planText({ title, steps: [...steps.map((step) => ({ ...step, settles: true })), ...last] });
    const [before = '', after = ''] = text.split('\n2. ');
    expect(before).toContain('when the run is cancelled: the command that runs ends by itself first');
    expect(before).not.toContain('when it fails: that is noted');
    expect(after).toContain('when the run is cancelled: it is done all the same, to its end');
    expect(after).toContain('when it fails: that is noted, and the steps after it are done');
    expect(planText({ title, steps: last })).toContain('when the run is cancelled: it ends at once');
  });

  test('says of a step that another run cannot know as done that it is done again', () => {
    const { title, steps } = plan('p1anted');
    const unknown = steps.map(({ doneWhen: _, ...step }) => step);
    expect(planText({ title, steps: unknown })).toContain('on another run: it is done again');
    expect(planText({ title, steps: unknown })).not.toContain('done already when');
  });

  test('shows an archive that is sent when something is taken back without its padding', () => {
    const { title, steps } = plan('p1anted');
    const undo = [{ argv: ['tar'] as const, stdin: 'name\0\0\0content\n\0\0', deadline: 5000 }];
    const text = planText({ title, steps: steps.map((step) => ({ ...step, undo })) });
    expect(text).toContain('       | name content\n');
    expect(text).not.toContain('\0');
  });

  test('is data for programs as well', () => {
    expect(planJson(plan('p1anted'))).toMatchObject({
      title: 'deploy preview-1 to preview',
      steps: [
        {
          actions: [
            {
              do: 'write',
              files: [{ path: 'compose.yaml' }, { path: '.env', content: '[secret .env]' }],
              commands: [{ argv: ['mkdir', '--parents', '--mode=0755', '--', '/opt'] }, { deadline: 60_000 }],
            },
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
