import type { JudgedBackup } from '../../../../deploy/backup/judge';
import { planText } from '../../../../deploy/plan-text';
import { archiveSecrets, type DrillPlaceProps } from '../../../../recovery/drill/containers';
import { planDrill } from '../../../../recovery/drill/plan';
import type { DrillFacts } from '../../../../recovery/drill/survey';
import { Secret } from '../../../../foundation/secret';
import { archive } from '../../services/archive/archive';

const place: DrillPlaceProps = { environment: 'preview', archive, administrator: 'cogni_root' };
const facts: DrillFacts = {
  chosen: {
    backup: {
      label: '20261121-213822F',
      at: new Date(0),
      log: { start: '000000020000000000000003', stop: '000000020000000000000003' },
    } as JudgedBackup,
    timeline: 2,
    target: { kind: 'end' },
  },
  checkpoint: {
    backup: '20261121-213822F',
    system: '1',
    timeline: 2,
    postgres: '15.20',
    databases: [{ name: 'cogni', point: 'checkpoint-1', at: new Date(1000), tables: 2 }],
  },
  newestLog: new Date(2000),
  archived: [],
};
const run = (first: string, last: string) => ({ first, last, from: new Date(0), to: new Date(2000) });
const reach = (given: DrillFacts): string => {
  const step = planDrill(place, given, { database: 'cogni' }).steps.find(({ id }) => id === 'reach');
  return (step?.actions ?? [])
    .flatMap((action) => (action.do === 'run' ? [action.command.argv.slice(5).join(' ')] : []))
    .join('; ');
};
const ids = (given: DrillFacts): readonly string[] =>
  planDrill(place, given, { database: 'cogni' }).steps.map(({ id }) => id);

describe('the plan of a drill', () => {
  const plan = planDrill(place, facts, { database: 'cogni' });
  const commands = plan.steps.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.do === 'run' ? [action.command.argv] : [])),
  );

  it('shares no container, volume or label with a drill of the same environment out of another checkout', () => {
    const printed = (checkout: string): string =>
      JSON.stringify(planDrill({ ...place, checkout }, facts, { database: 'cogni' }));
    const names = (text: string): readonly string[] => text.match(/cogni[.-]drill[=-][\w-]+/g) ?? [];
    const [one, other] = [names(printed('0a0a0a0a')), names(printed('0b0b0b0b'))];
    expect(one.length).toBeGreaterThan(5);
    for (const name of one) expect(name).toContain('preview-0a0a0a0a');
    expect(one.filter((name) => other.includes(name))).toEqual([]);
  });

  it('takes the end of the log for a moment that no later commit follows: it knows the last piece that leads there', () => {
    const archived = [run('000000020000000000000003', '000000020000000000000007')];
    const target = { kind: 'time', at: new Date(2000) } as const;
    expect(reach({ ...facts, archived, chosen: { ...facts.chosen, target } })).toBe(
      'at time 1970-01-01 00:00:02.000+00 2 promote 000000020000000000000007; newest',
    );
  });

  it('holds a copy of the newest moment against the last piece of the log that leads there: one whose server was not given it is none', () => {
    const archived = [
      run('000000020000000000000003', '000000020000000000000007'),
      run('000000020000000000000009', '00000002000000000000000A'),
    ];
    const came = 'came 000000020000000000000007; newest';
    expect(reach({ ...facts, archived })).toBe(`at end  2 promote; ${came}`);
  });

  it('takes a backup out of the archive, compares it at the recorded moment, and brings it to the newest one', () => {
    expect(plan.steps.map(({ id }) => id)).toEqual([
      'open',
      'restore',
      'compare-1',
      'reach',
      'look',
      'remove',
    ]);
    const program = commands.filter(([, verb]) => verb === 'exec').map((argv) => argv.slice(2).join(' '));
    const sh = '/bin/sh /copy/copy.sh';
    expect(program).toEqual([
      `cogni-drill-preview-copy ${sh} stop`,
      `cogni-drill-preview-archive ${sh} recorded 20261121-213822F`,
      `cogni-drill-preview-archive ${sh} restore 20261121-213822F`,
      `cogni-drill-preview-copy ${sh} at name checkpoint-1 2 pause`,
      `cogni-drill-preview-copy ${sh} same 1 cogni 34359738368`,
      `cogni-drill-preview-copy ${sh} at end  2 promote`,
      `cogni-drill-preview-copy ${sh} newest`,
      `cogni-drill-preview-copy ${sh} migrations cogni`,
    ]);
  });

  it('gives the copy neither a network nor a key of the archive', () => {
    const copy = commands.find((argv) => argv.includes('--name=cogni-drill-preview-copy')) ?? [];
    expect(copy).toContain('--network=none');
    expect(copy.join(' ')).not.toMatch(/S3_KEY|CIPHER/);
  });

  it('asks a question in a step of its own, and only then', () => {
    const asked = planDrill(place, facts, { database: 'cogni', ask: 'SELECT 1' });
    expect(asked.steps.map(({ id }) => id).slice(-3)).toEqual(['look', 'ask', 'remove']);
  });

  it('makes no folder on the machine for a file of authorities that is not there', () => {
    const opened = planDrill({ ...place, authorities: '/ca.crt' }, facts, { database: 'cogni' });
    expect(planText(opened)).toContain('--mount=type=bind,source=/ca.crt,target=/authorities.crt,readonly');
  });

  it('has no secret in it: they are in the environment of Docker, by name', () => {
    const secrets = archiveSecrets('KEY1', Secret.of('s', 'secret-0123456789'), Secret.of('p', 'passphrase'));
    expect(Object.keys(secrets)).toHaveLength(3);
    for (const name of Object.keys(secrets)) expect(planText(plan)).toContain(`--env=${name}`);
    expect(planText(plan)).not.toContain(`--env=PGBACKREST_REPO1_CIPHER_PASS=`);
  });

  it('removes the copy when a step fails, and whatever an earlier drill has left first', () => {
    const [open] = plan.steps;
    expect(open?.undo).toHaveLength(1);
    expect(commands[0]).toEqual(open?.undo?.[0]?.argv);
  });

  it('compares nothing for a target before the moment that was recorded', () => {
    const target = { kind: 'time', at: new Date(500) } as const;
    const earlier = { ...facts, chosen: { ...facts.chosen, target } };
    expect(ids(earlier)).not.toContain('compare-1');
    expect(planText(planDrill(place, earlier, { database: 'cogni' }))).toContain(
      "at time '1970-01-01 00:00:00.500+00' 2 promote",
    );
  });
});
