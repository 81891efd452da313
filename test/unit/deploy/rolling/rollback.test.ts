import { renderLine } from '../../../../deploy/journal/event';
import { parseJournal } from '../../../../deploy/journal/reader';
import { renderRecord } from '../../../../deploy/rolling/record';
import { cutOffRollback } from '../../../../deploy/rolling/releases';
import { planRollback, rollBack } from '../../../../deploy/rolling/rollback';
import { failureOf } from '../../../failure-of';
import type { Answer } from '../fake-transport';
import { request } from './sample';
import { allThere, digest, host, middle, newest, oldest, recorded, release } from './three-releases';

describe('a rollback', () => {
  test('is a deploy of the recorded digests without a migration, into the free slot', async () => {
    const { adapters, notes } = host([allThere]);
    const plan = await planRollback(request, adapters);
    expect(plan.title).toBe('roll preview back to preview-2222222');
    expect(plan.release).toMatchObject({
      tag: 'preview-2222222',
      slot: 'a',
      images: middle.images,
      replaces: newest.id,
    });
    const ids = plan.steps.map(({ id }) => id);
    expect(ids).not.toContain('migrate');
    expect(ids).toEqual(
      expect.arrayContaining(['lock', 'start', 'prove', 'switch', 'gate', 'record', 'drain', 'retire']),
    );
    for (const { next } of plan.steps) expect(next).toContain(`./cogni rollback preview --to ${middle.id}`);
    expect(notes).toEqual([]);
  });

  test('goes back to what is recorded where a deploy was cut off behind its switch: that is the release before what serves', async () => {
    const switched: [string, Answer] = [
      'cat -- /opt/cogni/edge/caddy/upstream/active',
      { stdout: 'cogni-app-a\n' },
    ];
    const { adapters, notes } = host([allThere, switched]);
    const plan = await planRollback(request, adapters);
    expect(plan.release).toMatchObject({ tag: newest.tag, slot: 'b', images: newest.images });
    expect(plan.unchanged).toBe(false);
    expect(notes).toEqual([expect.stringContaining(`${newest.tag} is the release before that`)]);
    const named = host([allThere, switched]);
    expect((await planRollback({ ...request, to: oldest.id }, named.adapters)).release.tag).toBe(oldest.tag);
  });

  test('names a record that cannot be read, which it would have gone back to', async () => {
    const file = `/var/lib/cogni/deploy/releases/${middle.id}.json`;
    const texts = [newest, oldest].map((each) => `==> ${each.id}.json <==\n${renderRecord(each)}`).join('\n');
    const { adapters, notes } = host([
      allThere,
      ['-name *.json', { stdout: `==> ${file} <==\n{"version"\n\n${texts}` }],
    ]);
    expect((await planRollback(request, adapters)).release.tag).toBe(oldest.tag);
    expect(notes).toEqual([expect.stringMatching(`record of ${middle.id} is cut short.*${file}`)]);
  });

  test('is refused where the link to what serves leads nowhere, and says how to mend that', async () => {
    const { adapters } = host([
      allThere,
      ['cat -- /var/lib/cogni/deploy/current', { code: 1, stderr: 'No such file or directory' }],
    ]);
    const failure = await failureOf(planRollback(request, adapters));
    expect(failure.message).toMatch(/deploy\/current on .* is a link to releases\/.*which cannot be read/);
    expect(failure.next).toContain('ln -sfn');
  });

  test('does not choose one while it is not known what the requests go to', async () => {
    const active = 'cat -- /opt/cogni/edge/caddy/upstream/active';
    const cut = host([allThere, [active, [{ code: null, timedOut: true }, { stdout: 'cogni-app-a\n' }]]]);
    const failure = await failureOf(planRollback(request, cut.adapters));
    expect(failure.faults).toEqual([expect.stringMatching(/^upstream: did not end within its deadline/)]);
  });

  test('looks at what runs only once what a run that was killed has left at work has ended, and says that it waits', async () => {
    const untilFree: [string, Answer[]] = ['runtime.at-work.lock', [{ code: 75 }, {}]];
    const { adapters, transport, notes } = host([allThere, untilFree]);
    await planRollback(request, adapters);
    expect(notes).toEqual([
      "another run's Docker Compose is at work on the host: its end is waited for, 390 s at most",
    ]);
    const waits = transport.log.flatMap((line, index) => (line.includes('at-work') ? [index] : []));
    const looks = transport.log.findIndex((line) => line.includes('project=cogni-runtime'));
    expect(waits).toHaveLength(2);
    expect(looks).toBeGreaterThan(waits[1]!);
    const still = host([allThere, ['runtime.at-work.lock', { code: 75 }]]);
    const failure = await failureOf(planRollback(request, still.adapters));
    expect(failure).toMatchObject({
      exitCode: 4,
      next: expect.stringContaining(`./cogni rollback preview --to ${middle.id}`) as string,
    });
  });

  test('refuses where requests go elsewhere than when it chose one', async () => {
    const active = 'cat -- /opt/cogni/edge/caddy/upstream/active';
    const { adapters } = host([
      allThere,
      [active, [{ stdout: 'cogni-app-b\n' }, { stdout: 'cogni-app-a\n' }]],
    ]);
    const asked = { ...request, accept: { breakingMigration: true }, settingsFile: 'of production.env' };
    const failure = await failureOf(planRollback(asked, adapters));
    expect(failure).toMatchObject({ exitCode: 4, what: expect.stringContaining('another run has changed') });
    expect(failure.next).toMatch(
      /^\.\/cogni rollback preview --allow-breaking-migration --settings 'of production\.env' {4}\(/,
    );
  });

  test('refuses where another run has recorded a release since it chose one', async () => {
    const current = 'cat -- /var/lib/cogni/deploy/current';
    const { adapters } = host([
      allThere,
      [current, [{ stdout: renderRecord(newest) }, { stdout: renderRecord(middle) }]],
    ]);
    const failure = await failureOf(planRollback(request, adapters));
    expect(failure.exitCode).toBe(4);
    expect(failure.message).toContain('another run has changed what serves preview while this one looked');
    expect(failure.next).toMatch(/^\.\/cogni rollback preview {4}\(/);
  });

  test('says the words again with which it was asked for, and never a deploy', async () => {
    const asked = { ...request, accept: { breakingMigration: true }, settingsFile: 'production.env' };
    const again = `./cogni rollback preview --to ${middle.id} --allow-breaking-migration --settings production.env`;
    const { adapters } = host([allThere]);
    for (const { next } of (await planRollback(asked, adapters)).steps) expect(next).toContain(again);
    const full = host([['df --output=avail', { stdout: 'Avail\n1024\n' }]]);
    const refused = await failureOf(planRollback(asked, full.adapters));
    expect(refused.next).toContain(again);
    expect(refused.message).not.toContain('./cogni deploy');
  });

  test('asks neither registry nor host for a migrator, which it does not run', async () => {
    const { adapters } = host([allThere]);
    const plan = await planRollback(request, adapters);
    const pull = plan.steps.find(({ id }) => id === 'pull')!;
    const commands = [...(pull.doneWhen ?? []), ...pull.actions]
      .map((action) => JSON.stringify(action))
      .join();
    expect(commands).toContain(middle.images.app);
    expect(commands).not.toContain(middle.images.migrator);
  });

  test('counts what of its images is not on the host, and says where no registry says how much', async () => {
    const { adapters, notes } = host();
    await planRollback(request, adapters);
    expect(notes).toEqual([
      expect.stringContaining(`what ${middle.images.app} takes of the disk is not counted`),
      expect.stringContaining(`what ${middle.images.postgres} takes of the disk is not counted`),
    ]);
  });

  test('says what of the environment is no part of it', async () => {
    const { adapters, notes } = host([allThere]);
    await planRollback({ ...request, notes: ['SourceCred of preview is left out'] }, adapters);
    expect(notes).toEqual(['SourceCred of preview is left out']);
  });

  test('is refused across a migration that was let pass by a word, unless it is said again', async () => {
    const broken = { ...newest, breakingMigration: true as const };
    const records = [middle, broken, oldest].map(renderRecord).join('');
    const { adapters, transport } = host([['-name *.json', { stdout: records }]]);
    const refused = await planRollback(request, adapters).catch((thrown: unknown) => thrown);
    expect(refused).toMatchObject({
      exitCode: 3,
      faults: [`${newest.id} was deployed with --allow-breaking-migration by ada on laptop`],
      next: expect.stringContaining(`./cogni rollback preview --to ${middle.id} --allow-breaking-migration`),
    });
    expect(transport.log.join()).not.toContain('flock --nonblock');
    const plan = await planRollback({ ...request, accept: { breakingMigration: true } }, adapters);
    expect(plan.release).toMatchObject({ tag: middle.tag });
    expect(plan.release.breakingMigration).toBeUndefined();
  });

  describe('where a deploy failed whose migration a word had let pass', () => {
    const failed = (at: string, ...steps: string[]): string =>
      [
        {
          kind: 'run-begun',
          command: 'deploy',
          environment: 'preview',
          title: 'deploy preview-4444444 to preview',
          release: '20261122T080000Z-preview-4444444',
          by: { who: 'bob', from: 'ci' },
          accepted: { breakingMigration: true },
        } as const,
        ...steps.map((step) => ({ kind: 'step-begun', step }) as const),
      ]
        .map((event) => renderLine({ run: '20261122T080000000Z-1f2e', at, event }))
        .join('');
    const journal = (text: string) => host([['grep', { stdout: text }]]).adapters;
    const later = '2026-11-22T08:00:00.000Z';

    test('is refused the same way, although nothing of that deploy is recorded as a release', async () => {
      await expect(planRollback(request, journal(failed(later, 'pull', 'migrate')))).rejects.toMatchObject({
        exitCode: 3,
        faults: [
          '20261122T080000Z-preview-4444444 was begun, and failed behind its migration, with --allow-breaking-migration by bob on ci',
        ],
      });
    });

    test('goes back when it failed before its migration, or before the release was made', async () => {
      await expect(planRollback(request, journal(failed(later, 'pull')))).resolves.toBeDefined();
      const before = failed('2026-01-01T08:00:00.000Z', 'migrate');
      await expect(planRollback(request, journal(before))).resolves.toBeDefined();
    });

    test('goes back when the journal cannot be read, and says that it is not known', async () => {
      const { adapters, notes } = host([
        allThere,
        ['grep', { code: 2, stderr: 'grep: journal: Permission denied' }],
      ]);
      await expect(planRollback(request, adapters)).resolves.toBeDefined();
      expect(notes).toEqual([
        expect.stringContaining('whether a deploy failed behind a breaking migration is not known'),
      ]);
    });
  });

  test('forward again over such a migration needs no word: it has run', async () => {
    const broken = { ...middle, breakingMigration: true as const };
    const records = [broken, newest, oldest].map(renderRecord).join('');
    const { adapters } = host([['-name *.json', { stdout: records }]]);
    await expect(planRollback({ ...request, to: middle.id }, adapters)).resolves.toBeDefined();
  });

  test('says that the database stays, where the release came with another migrator', async () => {
    const other = { ...middle, images: { ...middle.images, migrator: digest('e') } };
    const records = [other, newest].map(renderRecord).join('');
    const { adapters, notes } = host([allThere, ['-name *.json', { stdout: records }]]);
    await planRollback(request, adapters);
    expect(notes).toEqual([expect.stringContaining('the database stays as preview-3333333 left it')]);
  });

  test('asks no registry, is proven like any release, and ends what served', async () => {
    const { adapters, transport } = host([allThere]);
    const result = await rollBack(request, adapters);
    expect(result).toMatchObject({ outcome: 'deployed', release: { tag: 'preview-2222222' } });
    expect(transport.log.some((line) => line.endsWith('rm --stop --force app-b'))).toBe(true);
    expect(transport.log.some((line) => line.includes('db-migrate') && line.includes(' run '))).toBe(false);
  });
});

describe('a release of which the images were named before', () => {
  test('is refused where its record names others by now', async () => {
    const { adapters } = host([allThere]);
    const { app, migrator } = middle.images;
    const asked = { ...request, to: middle.id };
    await expect(planRollback({ ...asked, pinned: { app, migrator } }, adapters)).resolves.toBeDefined();
    await expect(
      planRollback({ ...asked, pinned: { app: oldest.images.app, migrator } }, adapters),
    ).rejects.toMatchObject({
      exitCode: 3,
      faults: [`the application preview-2222222 is ${app} by now, and was ${oldest.images.app}`],
    });
  });
});

describe('a rollback that was cut off behind its record', () => {
  const run = '20261104T000000000Z-1f2e';
  const back = release('20261104T000000Z', middle.tag, '2', { run });
  const begun = (command: 'deploy' | 'rollback', id = run) =>
    renderLine({
      run: id,
      at: back.at,
      event: {
        kind: 'run-begun',
        command,
        environment: 'preview',
        title: 'roll preview back',
        release: back.id,
        by: { who: 'ada', from: 'laptop' },
      },
    });
  const ended = (result: 'unchanged' | 'deployed' | 'failed' | 'locked', id = run) =>
    renderLine({
      run: id,
      at: back.at,
      event: { kind: 'run-ended', result, milliseconds: 1, engineMilliseconds: 1, commands: 1 },
    });
  const found = (journal: string) =>
    cutOffRollback(recorded(back, back, newest, middle, oldest), parseJournal(journal).runs);
  const later = '20261105T000000000Z-3a4b';

  test('is known by the journal: nothing says that the run of the record has ended, nor one after it', () => {
    expect(found(begun('rollback'))).toBe(back);
    expect(found(begun('rollback') + begun('rollback', later) + ended('locked', later))).toBe(back);
    expect(found(begun('rollback') + ended('deployed'))).toBeUndefined();
    expect(found(begun('rollback') + begun('deploy', later) + ended('unchanged', later))).toBeUndefined();
  });

  test('is no deploy that was cut off, and none of which the journal does not know any more', () => {
    expect(found(begun('deploy'))).toBeUndefined();
    expect(found('')).toBeUndefined();
    expect(cutOffRollback([], parseJournal(begun('rollback')).runs)).toBeUndefined();
  });

  const after = (journal: string) =>
    host([
      allThere,
      ['grep', { stdout: journal }],
      ['-name *.json', { stdout: [back, newest, middle, oldest].map(renderRecord).join('') }],
      ['cat -- /var/lib/cogni/deploy/current', { stdout: renderRecord(back) }],
      ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'cogni-app-a\n' }],
    ]);

  test('is ended by the same command, which does not go back to what it went back from', async () => {
    const { adapters, notes } = after(begun('rollback'));
    expect((await planRollback(request, adapters)).release.tag).toBe(back.tag);
    expect(notes).toEqual([
      expect.stringMatching(/rollback to preview-2222222 was cut off.*goes no further.*--to <release>/),
    ]);
    const there = after(begun('rollback') + ended('deployed'));
    expect((await planRollback(request, there.adapters)).release.tag).toBe(newest.tag);
    expect(there.notes).toEqual([]);
  });

  test('leaves a release that is named as it was named', async () => {
    const { adapters } = after(begun('rollback'));
    expect((await planRollback({ ...request, to: oldest.id }, adapters)).release.tag).toBe(oldest.tag);
    expect((await planRollback({ ...request, to: back.tag }, adapters)).release.tag).toBe(back.tag);
  });
});
