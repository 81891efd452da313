import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDisaster } from '../../../scripts/disaster';
import { disasters } from '../../../scripts/disasters';
import { lostKeys } from '../../../scripts/lost-keys';
import { rebuildRunbooks, renderRebuildRunbook, renderRunbook, runbooks } from '../../../scripts/runbooks';
import { entriesOf } from '../../../cli/sync-settings';
import { declarationOf } from '../../../services';
import { verdicts } from '../../../recovery/identity/verdicts';
import { leaves } from '../../../recovery/rebuild/gate';
import { reached } from '../cli/reached';

const journeys = ['deploy', 'rollback', 'edge apply', 'restore'] as const;

describe.each(journeys)('the runbook of %s', (journey) => {
  const runbook = renderRunbook(journey);

  test('is what the plan says today: npm run runbooks makes it again', () => {
    expect(readFileSync(join(__dirname, '../../..', runbooks[journey].file), 'utf8')).toBe(runbook);
  });

  test('says of every step why, what is left when it fails, and what to run then', () => {
    const steps = runbook.split('\n## ').slice(1, -1);
    expect(steps.length).toBeGreaterThan(journey === 'edge apply' ? 7 : 15);
    for (const step of steps) {
      expect(step).toMatch(
        /^\d+\. .+ \(`[a-z0-9-]+`\)\n\n[A-Z].+\.\n\n- \*\*When it fails\*\*: .+\n- \*\*Then\*\*: .+/,
      );
      expect(step).toMatch(/\n- \*\*On another run\*\*: it is (done again|skipped where .+)\n/);
    }
  });

  test('has the steps that only some environments or hosts have', () => {
    const release = ['litellm', 'alloy', 'place', 'keep', 'drain'];
    const some = {
      ...{ deploy: release, rollback: release },
      'edge apply': ['pull', 'replace', 'load'],
      restore: ['compare-1', 'safety', 'stop-database', 'serve', 'keep'],
    };
    for (const id of some[journey]) expect(runbook).toContain(`(\`${id}\`)`);
  });

  test(`has ${journey === 'deploy' ? 'the migration' : 'no migration'}`, () => {
    expect(runbook.includes('(`migrate`)')).toBe(journey === 'deploy');
  });
});

test('the runbook of the edge says before all steps what the change costs visitors', () => {
  const [introduction = ''] = renderRunbook('edge apply').split('\n## ');
  expect(introduction).toContain('closes the site');
  expect(introduction).toContain('WebSockets are closed');
});

test('the runbook of a deploy says of what comes after the record that it fails nothing, and is done in a cancelled run', () => {
  const steps = renderRunbook('deploy').split('\n## ').slice(1, -1);
  const record = steps.findIndex((step) => step.includes('(`record`)'));
  const says = (step: string): readonly boolean[] => [
    step.includes('- **When it fails**: it is noted'),
    step.includes('- **When the run is cancelled**: it is done all the same'),
  ];
  expect(record).toBeGreaterThan(0);
  for (const step of steps.slice(0, record + 1)) expect(says(step)).toEqual([false, false]);
  for (const step of steps.slice(record + 1)) expect(says(step)).toEqual([true, true]);
});

const rebuilds = { rebuild: 14, 'rebuild elsewhere': 11, 'rehearsal of a rebuild': 9 } as const;

describe.each(Object.keys(rebuilds) as (keyof typeof rebuilds)[])('the runbook of a %s', (rebuild) => {
  const runbook = renderRebuildRunbook(rebuild);

  test('is what the stages say today: npm run runbooks makes it again', () => {
    expect(readFileSync(join(__dirname, '../../..', rebuildRunbooks[rebuild].file), 'utf8')).toBe(runbook);
  });

  test('says of every stage why, by what it is known to be done, and what it leaves', () => {
    const stages = runbook.split('\n## ').slice(1, -1);
    expect(stages).toHaveLength(rebuilds[rebuild]);
    for (const stage of stages) {
      expect(stage).toMatch(
        /^\d+\. .+ \(`[a-z]+`\)\n\n[A-Z].+\.\n\n- \*\*Done when\*\*: .+\n- \*\*When it fails\*\*: .+/,
      );
    }
  });

  test('fences only where a server is given up, and orders only where a provider is asked', () => {
    for (const id of ['fence', 'forget']) expect(runbook.includes(`(\`${id}\`)`)).toBe(rebuild === 'rebuild');
    for (const id of ['plan', 'provision'])
      expect(runbook.includes(`(\`${id}\`)`)).toBe(rebuild !== 'rebuild elsewhere');
  });
});

/** What is typed in a runbook and is no command of ours. */
const isOfShell = /^(read -r|ssh-add )/;

describe.each(Object.entries(disasters))('the runbook of a disaster, %s', (_, disaster) => {
  const runbook = renderDisaster(disaster);
  const errands = [...disaster.errands, ...(disaster.keys ?? []).flatMap((key) => key.errands)];
  const commands = errands.flatMap(({ command }) => (command === undefined ? [] : [command]));

  test('is what verdicts, stages and steps say today: npm run runbooks makes it again', () => {
    expect(readFileSync(join(__dirname, '../../..', disaster.file), 'utf8')).toBe(runbook);
  });

  test.each(commands.filter((command) => !isOfShell.test(command)))(
    'has a command that the command line understands: %s',
    (command) => {
      const words = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      );
      const [program, ...given] = words;
      expect(program).toBe('./cogni');
      expect(given.join(' ').startsWith(reached(given))).toBe(true);
    },
  );

  test('says of each line what comes of it, and has all of it', () => {
    for (const { command, says } of errands) {
      expect(says.length).toBeGreaterThan(8);
      if (command !== undefined) expect(runbook).toContain(`\`${command}\`: ${says}.`);
    }
    for (const { id, leaves: left } of partsOf(disaster)) {
      expect(runbook).toContain(`| \`${id}\` |`);
      expect(left).not.toBe('');
    }
  });
});

const partsOf = ({ goesThrough }: (typeof disasters)[string]) =>
  goesThrough === undefined
    ? []
    : 'groups' in goesThrough.plan
      ? goesThrough.plan.groups.flat()
      : goesThrough.plan.steps;

test('the runbook of a lost host has every verdict at which a rebuild may begin, and no other', () => {
  const may = verdicts.map(({ id }) => id).filter((id) => ['lost', 'unsure'].includes(leaves[id] ?? ''));
  const rows = [
    ...renderDisaster(disasters['host lost']!).matchAll(/^\| `([a-z-]+)` \| .* \| `--replace`/gm),
  ];
  expect(rows.map(([, id]) => id)).toEqual(may);
});

test.each(['host lost', 'region lost'])(
  'the runbook "%s" warns against switching on what the provider only switched off, behind the rebuild',
  (name) => {
    const lines = disasters[name]!.errands.map(({ command, says }) => command ?? says);
    const warned = lines.findIndex((line) => line.startsWith('never switch the old server on again'));
    expect(warned).toBeGreaterThan(lines.findIndex((line) => line.startsWith('./cogni rebuild')));
    expect(lines[warned]).toContain('runbook-key-lost.md#archive_secret');
  },
);

const commandsOf = (name: string): readonly string[] =>
  lostKeys
    .filter(({ key }) => (typeof key === 'string' ? key : key.name) === name)
    .flatMap(({ errands }) => errands.flatMap(({ command }) => (command === undefined ? [] : [command])));

test.each(['ARCHIVE_SECRET', 'CHERRY_AUTH_TOKEN', 'GHCR_DEPLOY_TOKEN'] as const)(
  'a new %s is written down before it is sent, goes where GitHub keeps it, and is exported',
  (name) => {
    const errands = lostKeys.find(({ key }) => key === name)?.errands ?? [];
    const at = errands.findIndex(({ command }) => command?.includes('settings sync'));
    expect(errands[at - 1]?.says).toContain(`\`${name}\` into \`.cogni/<env>/settings.env\``);
    const shared = errands[at]?.command?.includes(' --shared') ?? false;
    expect(entriesOf({ [name]: 'k'.repeat(40) }, { shared }).map((entry) => entry.name)).toEqual([name]);
    expect(shared).toBe(declarationOf(name).scope.startsWith('repository-'));
    expect(commandsOf(name).at(-1)).toContain('settings export');
  },
);

test('a new deploy key goes to the host, to both GitHub environments that log in, and into a new export', () => {
  const commands = commandsOf('private half of the deploy key');
  const where = [
    'host converge <env>',
    'settings sync <env> --deploy-key <copy>',
    'settings sync <env> --look --deploy-key <copy>',
    'plan <env>',
    'settings export <env> --to age1… --deploy-key ~/.ssh/<new> --out',
  ].map((each) => commands.findIndex((command) => command.startsWith(`./cogni ${each}`)));
  expect(where).not.toContain(-1);
  expect(where).toEqual(where.toSorted((a, b) => a - b));
});

/** What a line of a runbook needs on the machine where it is typed, and what it leaves there. */
const conditions: readonly {
  readonly line: RegExp;
  readonly needs: readonly string[];
  readonly makes: readonly string[];
}[] = [
  { line: /^clone the repository|: clone the repository/, needs: [], makes: ['checkout', 'export'] },
  {
    line: /^\.\/cogni settings import (?!.*--dry-run)/,
    needs: ['checkout', 'export'],
    makes: ['settings', 'deploy key', 'pin'],
  },
  { line: /^read -r CHERRY_PROJECT_ID /, needs: [], makes: ['project'] },
  { line: /^read -rs CHERRY_AUTH_TOKEN /, needs: [], makes: ['token'] },
  { line: /^ssh-add \.cogni\/<env>\/deploy_key$/, needs: ['deploy key'], makes: ['agent'] },
  { line: /^\.\/cogni render <env> --enroll$/, needs: ['settings', 'ordered'], makes: ['enrollment'] },
  { line: /^boot a machine with that user-data/, needs: ['enrollment'], makes: ['machine'] },
  { line: /kind: 'existing'/, needs: ['machine'], makes: ['existing'] },
  { line: /^\.\/cogni host check /, needs: ['settings', 'agent', 'account'], makes: ['verdict'] },
  { line: /^\.\/cogni rebuild .*--dry-run$/, needs: ['verdict', 'agent'], makes: ['words'] },
  { line: /^\.\/cogni rebuild (?!.*--(dry-run|abandon))/, needs: ['words', 'agent'], makes: ['host'] },
  { line: /^\.\/cogni (settings export|receiver up|watch) /, needs: ['host'], makes: [] },
];

test.each(['host lost', 'region lost', 'account locked'])(
  'the runbook "%s" has before each of its lines what that line needs, on a machine that has nothing',
  (name) => {
    const there = new Set(['ordered']);
    const seen: string[] = [];
    for (const { command, says } of disasters[name]!.errands) {
      const line = command ?? says;
      for (const { needs, makes } of conditions.filter((each) => each.line.test(line))) {
        if (there.has('token') || there.has('existing')) there.add('account');
        if (makes.includes('existing')) there.delete('ordered');
        expect({ line, lacks: needs.filter((need) => !there.has(need)) }).toEqual({ line, lacks: [] });
        for (const made of makes) there.add(made);
        seen.push(...makes);
      }
    }
    expect(seen).toEqual(expect.arrayContaining(['settings', 'agent', 'verdict', 'words', 'host']));
    expect(seen.includes('enrollment')).toBe(name === 'account locked');
    expect(seen.includes('project')).toBe(name !== 'account locked');
  },
);
