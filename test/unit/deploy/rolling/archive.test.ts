import { archiveNotes } from '../../../../deploy/rolling/archive-notes';
import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import type { HostFacts } from '../../../../deploy/rolling/survey';
import type { Step } from '../../../../deploy/step';
import { archiveMark, type RuntimeProps } from '../../../../services';
import { archive } from '../../services/archive/archive';
import { emptyHost, propsFor, request, servingHost, settingsSource } from './sample';

const runtime: RuntimeProps = {
  images: { postgres: archive.image as RuntimeProps['images']['postgres'] },
  archive,
};
const settings = {
  ...settingsSource,
  ARCHIVE_KEY: 'KEY1',
  ARCHIVE_SECRET: 'p1anted-archive-secret',
  ARCHIVE_PASSPHRASE: 'p1anted-archive-passphrase-0123456789',
};
const archived = { settings, request: { runtime } };

/** The host once it is archived as it should be. */
function archivedHost(): HostFacts {
  const host = servingHost(archived);
  const mark = archiveMark(runtime, propsFor(emptyHost, archived).settings) ?? '';
  return {
    ...host,
    containers: [
      ...host.containers.map((one) => (one.service === 'postgres' ? { ...one, archive: mark } : one)),
      { service: 'backup', state: 'running', health: 'not healthy', image: archive.image },
    ],
  };
}

const stepOf = (plan: DeployPlan, id: string): Step | undefined => plan.steps.find((step) => step.id === id);
const commandsOf = (step: Step | undefined): readonly string[] =>
  (step?.actions ?? []).flatMap((action) => (action.do === 'run' ? [action.command.argv.join(' ')] : []));

describe('a deploy to an environment with an archive', () => {
  it('starts a first database as ever, and what makes backups after the record', () => {
    const plan = planRolling(propsFor(emptyHost, archived));
    expect(stepOf(plan, 'database')?.name).toBe('start the database');
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.indexOf('backup')).toBeGreaterThan(ids.indexOf('record'));
    expect(commandsOf(stepOf(plan, 'backup'))[0]).toMatch(/ up .* backup$/);
  });

  it('restarts a database that is not archived yet, says so, and restarts it back when it is taken back', () => {
    const plan = planRolling(propsFor(servingHost(), archived));
    const step = stepOf(plan, 'database');
    expect(step?.name).toBe('restart the database');
    expect(step?.why).toMatch(/requests to it fail for some seconds/);
    expect(commandsOf(step)[0]).not.toContain('--no-recreate');
    expect(step?.undo?.map(({ argv }) => argv.join(' '))).toEqual([
      expect.stringMatching(/--file=\/opt\/cogni\/runtime\/compose\.yaml .* postgres$/),
    ]);
    expect(plan.release.images.postgres).toBe(archive.image);
  });

  it('does nothing where all is as it should be, also when the last backup failed', () => {
    expect(planRolling(propsFor(archivedHost(), archived)).unchanged).toBe(true);
  });

  it('starts what makes backups where it does not run', () => {
    const host = archivedHost();
    const gone = { ...host, containers: host.containers.filter(({ service }) => service !== 'backup') };
    const plan = planRolling(propsFor(gone, archived));
    expect(plan.unchanged).toBe(false);
    expect(stepOf(plan, 'database')?.name).toBe('start the database');
  });

  it.each([
    ['another key', { ...archived, settings: { ...settings, ARCHIVE_KEY: 'KEY2' } }],
    [
      'another bucket',
      { ...archived, request: { runtime: { ...runtime, archive: { ...archive, bucket: 'another' } } } },
    ],
  ])('restarts the database for %s', (_, changes) => {
    expect(stepOf(planRolling(propsFor(archivedHost(), changes)), 'database')?.name).toBe(
      'restart the database',
    );
  });

  it('ends the backups, and restarts the database, where the environment has no archive any more', () => {
    const plan = planRolling(propsFor(archivedHost()));
    expect(stepOf(plan, 'database')?.name).toBe('restart the database');
    expect(stepOf(plan, 'backup')?.name).toBe('end the backups');
    expect(plan.release.images.postgres).toBe(request.runtime.images.postgres);
  });

  it('marks the moment before the migrations, by a name that the record keeps and PostgreSQL takes', () => {
    const plan = planRolling(
      propsFor(servingHost(), { ...archived, request: { runtime, tag: `preview-${'a'.repeat(64)}` } }),
    );
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.indexOf('restore-point')).toBe(ids.indexOf('migrate') - 1);
    expect(plan.release.restorePoint).toMatch(/^before-20261121T081500Z-a{7,}$/);
    expect(plan.release.restorePoint?.length).toBe(63);
    expect(commandsOf(stepOf(plan, 'restore-point'))[0]).toContain(
      `--set=point=${plan.release.restorePoint ?? ''}`,
    );
  });

  it('marks nothing in a rollback, which runs no migration', () => {
    const host = archivedHost();
    const back = planRolling({ ...propsFor(host, archived), backTo: host.release! });
    expect(back.steps.some(({ id }) => id === 'restore-point')).toBe(false);
  });

  it('holds no secret of the archive in any command', () => {
    const plan = planRolling(propsFor(servingHost(), archived));
    expect(JSON.stringify(plan.steps.map((step) => [commandsOf(step), step.undo]))).not.toContain('p1anted');
  });
});

describe('a deploy to an environment with portable copies', () => {
  const copying = {
    settings,
    request: { runtime: { ...runtime, archive: { ...archive, copies: { recipients: ['age1…'] } } } },
  };
  const sqlBefore = (plan: DeployPlan): unknown => {
    const action = stepOf(plan, 'restore-point')?.actions[0];
    return action?.do === 'run' ? action.command.stdin : undefined;
  };

  it('starts what makes them after the backups, and nothing else because of them', () => {
    const plan = planRolling(propsFor(archivedHost(), copying));
    const ids = plan.steps.map(({ id }) => id);
    expect(ids.indexOf('copies')).toBe(ids.indexOf('backup') + 1);
    expect(commandsOf(stepOf(plan, 'copies'))).toEqual([expect.stringMatching(/ up .* copies$/)]);
    expect(stepOf(plan, 'database')?.name).toBe('start the database');
  });

  it('sends the records off the host when the release is recorded and the disk marked: what fails there stops nothing', () => {
    const { steps } = planRolling(propsFor(archivedHost(), copying));
    const ids = steps.map(({ id }) => id);
    expect(ids.indexOf('away')).toBe(ids.indexOf('mark') + 1);
    expect(steps.findIndex(({ settles }) => settles)).toBeLessThan(ids.indexOf('away'));
    const [away] = steps.filter(({ id }) => id === 'away');
    expect(commandsOf(away)).toEqual([
      'docker exec cogni-runtime-copies-1 /bin/sh /etc/cogni-copies/copies.sh records',
    ]);
    expect(away?.leaves).toContain('a rebuild would deploy the release before it');
    expect(planRolling(propsFor(archivedHost(), archived)).steps.map(({ id }) => id)).not.toContain('away');
  });

  it('sends the records again, where a deploy was killed behind its record: it may not have come to that', () => {
    const host = servingHost(copying);
    const mark = archiveMark(copying.request.runtime, propsFor(emptyHost, copying).settings) ?? '';
    const keeper = { state: 'running', health: 'healthy', image: archive.image } as const;
    const killed: HostFacts = {
      ...host,
      leftovers: true,
      containers: [
        ...host.containers.map((one) => (one.service === 'postgres' ? { ...one, archive: mark } : one)),
        { service: 'backup', ...keeper },
        { service: 'copies', ...keeper },
      ],
    };
    const plan = planRolling(propsFor(killed, copying));
    expect(plan.unchanged).toBe(true);
    expect(plan.steps.map(({ id }) => id)).toEqual([
      ...['lock', 'wait', 'gate', 'settle', 'backup', 'copies', 'mark', 'away', 'tidy'],
    ]);
  });

  it.each([
    ['with portable copies', copying],
    ['without', archived],
  ])(
    'ends a dump and a checkpoint before it migrates, since migrations would wait for their locks: %s',
    (_, of) => {
      expect(sqlBefore(planRolling(propsFor(servingHost(), of)))).toMatch(
        /^SELECT pg_terminate_backend\(pid, 5000\) FROM pg_stat_activity WHERE application_name IN \('cogni-copies', 'cogni-checkpoint'\); SELECT pg_create_restore_point/,
      );
    },
  );

  it('has the volume of the ledger made where SourceCred may not have been started yet', () => {
    const request = { runtime: { ...copying.request.runtime, sourcecred: true } };
    const [first] = commandsOf(
      stepOf(planRolling(propsFor(archivedHost(), { settings, request })), 'copies'),
    );
    expect(first).toMatch(
      /^docker volume create .*compose\.project=cogni-sourcecred .* cogni-sourcecred_data$/,
    );
  });

  it('ends them where there are to be none any more', () => {
    const host = archivedHost();
    const copies = { service: 'copies', state: 'running', health: 'healthy', image: archive.image } as const;
    const other = { ...archived, request: { runtime, tag: 'preview-4567abc' } };
    const next = planRolling(propsFor({ ...host, containers: [...host.containers, copies] }, other));
    expect(stepOf(next, 'copies')?.name).toBe('end the portable copies');
  });
});

describe('a deploy to an environment without an archive', () => {
  it('has nothing of it in its steps, and leaves the database running', () => {
    const plan = planRolling(propsFor(servingHost(), { request: { tag: 'preview-4567abc' } }));
    expect(stepOf(plan, 'backup')).toBeUndefined();
    expect(stepOf(plan, 'restore-point')).toBeUndefined();
    expect(plan.release.restorePoint).toBeUndefined();
    expect(commandsOf(stepOf(plan, 'database'))[0]).toContain('--no-recreate');
  });

  it('says each time that nothing is backed up', () => {
    expect(archiveNotes(request)).toEqual([expect.stringMatching(/^preview has no archive: /)]);
    expect(archiveNotes({ ...request, runtime })).toEqual([]);
  });
});
