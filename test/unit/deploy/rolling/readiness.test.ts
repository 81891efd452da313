import { requireReady, type Preflight } from '../../../../deploy/rolling/readiness';
import { handEdits } from '../../../../deploy/rolling/hand-edits';
import { planRolling } from '../../../../deploy/rolling/plan';
import { parseRecord, renderRecord } from '../../../../deploy/rolling/record';
import type { HostFacts } from '../../../../deploy/rolling/survey';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { emptyHost, images, imagesOf, propsFor, request, servingHost } from './sample';

const record = servingHost().release!;

const check = (changes: Partial<HostFacts>, more: Partial<Preflight> = {}): Failure | undefined => {
  try {
    requireReady({
      facts: { ...emptyHost, ...changes },
      images,
      pulled: [images.app, images.migrator],
      request,
      at: new Date('2026-11-21T08:15:00Z'),
      where: 'deploy@203.0.113.7',
      ...more,
    });
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  return undefined;
};

describe('a host', () => {
  test('can take a release when it is bootstrapped, its edge is well and there is room', () => {
    expect(check({})).toBeUndefined();
  });

  test('cannot before its bootstrap has ended, and the next command waits for that', () => {
    const failure = check({ bootstrapped: false })!;
    expect(failure.what).toBe('deploy@203.0.113.7 cannot take preview-0123abc');
    expect(failure.faults).toEqual(['its bootstrap has not ended well']);
    expect(failure.next).toBe('./cogni host wait preview');
    expect(failure.exitCode).toBe(ExitCode.refused);
  });

  test('cannot without its edge, and the next command brings that', () => {
    expect(check({ edge: 'not running' })).toMatchObject({
      faults: ['its edge is not running'],
      next: './cogni host converge preview',
    });
  });

  test('takes a host whose edge has just been started: the proofs of the deploy ask it themselves', () => {
    expect(check({ edge: 'starting' })).toBeUndefined();
  });

  test('cannot while its edge runs and is not well, and the next command says why that is', () => {
    const { faults, next } = check({ edge: 'not healthy' })!;
    expect(faults).toEqual(['its edge is not healthy']);
    expect(next).toContain('docker compose --project-name=cogni-edge logs --tail=50 caddy');
    expect(next).not.toContain('converge');
  });

  test('cannot without room for the images unpacked and a gibibyte to spare', () => {
    const needed = 1024 ** 3 + 3 * 100 * 1024 ** 2;
    expect(check({ freeBytes: needed })).toBeUndefined();
    expect(check({ freeBytes: needed - 1 })!.faults).toEqual([
      'it has 1.3 GiB of free disk, and the release needs 1.3 GiB: 2 of its 2 layers are not there yet (0.1 GiB compressed, 3 times that unpacked), and 1.0 GiB must be left',
    ]);
  });

  test('needs no room for layers that it has below another image', () => {
    const layers = ['sha256:1', 'sha256:2'].map((diffId) => ({ compressedBytes: 1024 ** 3, diffId }));
    const app = { ...images.app, layers };
    const release = { pulled: [app, { ...images.migrator, layers: layers.slice(0, 1) }] };
    expect(check({ freeBytes: 7 * 1024 ** 3 }, release)).toBeUndefined();
    expect(check({ freeBytes: 7 * 1024 ** 3 - 1 }, release)).toBeDefined();
    const there = { layers: [['sha256:1', 'sha256:9']] };
    expect(check({ ...there, freeBytes: 4 * 1024 ** 3 }, release)).toBeUndefined();
    expect(check({ ...there, freeBytes: 4 * 1024 ** 3 - 1 }, release)!.faults).toEqual([
      expect.stringContaining('1 of its 3 layers are not there yet (1.0 GiB compressed'),
    ]);
  });

  test('needs no room for images that it has', () => {
    const there = [images.app.reference, images.migrator.reference];
    expect(check({ freeBytes: 1024 ** 3, images: there })).toBeUndefined();
    expect(check({ freeBytes: 1024 ** 3, images: there.slice(1) })).toBeDefined();
    expect(check({ freeBytes: 1024 ** 3 - 1, images: there })).toBeDefined();
  });

  test('cannot when its processor is another one', () => {
    expect(check({ platform: 'linux/arm64' })!.faults).toEqual([
      'it is linux/arm64, and the image of the app is for linux/amd64',
      'it is linux/arm64, and the image of the migrator is for linux/amd64',
    ]);
  });

  test('is told all of its faults at once', () => {
    expect(check({ bootstrapped: false, edge: 'not healthy', freeBytes: 0 })!.faults).toHaveLength(3);
  });
});

describe('too little free disk', () => {
  const reference = (digit: string): string => `${request.repository}@sha256:${digit.repeat(64)}`;
  const short = { freeBytes: 1024 ** 3 };
  const serving = servingHost();

  test('is made room on where something lies there that nobody goes back to, and is no fault', () => {
    const left = { ...short, images: [reference('9'), images.app.reference] };
    expect(check(left)).toBeUndefined();
    const room = requireReady({
      facts: { ...emptyHost, ...left },
      images,
      pulled: [images.app, images.migrator],
      request,
      at: new Date('2026-11-21T08:15:00Z'),
      where: 'deploy@203.0.113.7',
    });
    expect(room).toEqual({ needed: 1024 ** 3 + 3 * 50 * 1024 ** 2, images: [reference('9')] });
  });

  test('is a fault where everything that lies there can be gone back to', () => {
    const kept = { ...serving, ...short, images: [record.images.app, record.images.postgres] };
    const next = imagesOf('preview-4567def', 'd', 'e');
    const pulled = [next.app, next.migrator];
    expect(check(kept, { images: next, pulled })!.faults).toEqual([expect.stringContaining('of free disk')]);
  });

  test('is not asked about where there is enough: nothing is removed before a pull then', () => {
    expect(
      requireReady({
        facts: { ...emptyHost, images: [reference('9')] },
        images,
        pulled: [images.app, images.migrator],
        request,
        at: new Date('2026-11-21T08:15:00Z'),
        where: 'deploy@203.0.113.7',
      }),
    ).toBeUndefined();
  });

  test('counts the images of others', () => {
    const layers = [{ compressedBytes: 1024 ** 3, diffId: undefined }];
    const pulled = [images.app, images.migrator, { reference: 'hub.cogni.test/litellm@sha256:1', layers }];
    const needed = 4 * 1024 ** 3 + 3 * 100 * 1024 ** 2;
    expect(check({ freeBytes: needed }, { pulled })).toBeUndefined();
    expect(check({ freeBytes: needed - 1 }, { pulled })!.faults).toEqual([
      expect.stringContaining('3 of its 3 layers are not there yet'),
    ]);
  });
});

describe('the disk of a host', () => {
  test('needs inodes as well as bytes', () => {
    expect(check({ freeInodes: 49_999 })!.faults).toEqual([expect.stringContaining('49999 free inodes')]);
    expect(check({ freeInodes: 50_000 })).toBeUndefined();
    expect(check({ freeInodes: undefined })).toBeUndefined();
  });

  test('must be writable, where images go and where the deploy writes', () => {
    expect(check({ imagesReadOnly: true, unwritable: ['/var/lib/cogni/deploy'] })!.faults).toEqual([
      expect.stringContaining('mounted read-only'),
      expect.stringContaining('/var/lib/cogni/deploy cannot be written to'),
    ]);
  });
});

describe('the clock of a host', () => {
  test.each([
    [60_001, '60 s ahead of'],
    [-3_600_000, '3600 s behind'],
  ])('is refused when it is %d ms off', (clockAhead, told) => {
    expect(check({ clockAhead: clockAhead })).toMatchObject({
      faults: [expect.stringContaining(told)],
      exitCode: ExitCode.refused,
    });
  });

  test.each([0, 60_000, -60_000])('is taken when it is %d ms off', (clockAhead) => {
    expect(check({ clockAhead })).toBeUndefined();
  });

  test('is not guessed at', () => {
    expect(check({ clockAhead: undefined })!.faults).toEqual(['its clock could not be read']);
  });

  test('must not be behind the newest release, which would be listed after the next one', () => {
    const recorded = [{ ...record, at: '2026-11-21T08:15:01.000Z' }];
    expect(check({ recorded })).toMatchObject({
      faults: [expect.stringContaining("later than this machine's clock (2026-11-21T08:15:00.000Z)")],
      exitCode: ExitCode.refused,
    });
  });
});

describe('what others left on a host', () => {
  test('is refused by name where a container has a name of ours', () => {
    const strangers = [{ name: 'cogni-runtime-app-a-1', image: 'nginx' }];
    expect(check({ strangers })).toMatchObject({
      faults: [expect.stringContaining('the container cogni-runtime-app-a-1 (of nginx) has a name of ours')],
      next: expect.stringContaining('docker inspect cogni-runtime-app-a-1') as string,
      exitCode: ExitCode.refused,
    });
  });

  test('is refused where a newer program has recorded it', () => {
    expect(check({ unreadable: [{ id: '20270101T000000Z-preview-9', is: 'newer' }] })).toMatchObject({
      faults: [expect.stringContaining('has recorded 20270101T000000Z-preview-9')],
      exitCode: ExitCode.refused,
    });
  });
});

describe('a tag that moved', () => {
  const moved = imagesOf('preview-0123abc', 'd', 'b');
  const recorded = [record];
  const [before, now] = ['a', 'd'].map((character) => `sha256:${character.repeat(64)}`);

  test('is refused with both digests, the release that recorded it, and the word that accepts it', () => {
    const failure = check({ recorded }, { images: moved })!;
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toEqual([
      `the tag preview-0123abc moved: it is ${now} now, and was ${before} when ${record.id} was recorded`,
    ]);
    expect(failure.next).toContain(
      `./cogni deploy preview --image-tag preview-0123abc --accept-moved-tag ${now}`,
    );
  });

  test('is taken by that word, which holds for that digest alone', () => {
    const accepting = (digest: string): Failure | undefined =>
      check({ recorded }, { images: moved, request: { ...request, accept: { movedTags: [digest] } } });
    expect(accepting(now!)).toBeUndefined();
    expect(accepting(now!.replace('sha256:', ''))).toBeUndefined();
    expect(accepting(before!)).toBeInstanceOf(Failure);
  });

  test('may be that of the migrator alone, and both are said at once', () => {
    const migrator = imagesOf('preview-0123abc', 'a', 'e');
    expect(check({ recorded }, { images: migrator })!.faults).toEqual([
      expect.stringContaining('the tag preview-0123abc-migrate moved'),
    ]);
    const both = check({ recorded }, { images: imagesOf('preview-0123abc', 'd', 'e') })!;
    expect(both.faults).toHaveLength(2);
    expect(both.next.match(/--accept-moved-tag/g)).toHaveLength(2);
  });

  test('is compared with what was recorded last, an accepted move included', () => {
    const accepted = {
      ...record,
      id: '20261121T090000Z-preview-0123abc',
      images: { ...record.images, app: moved.app.reference },
    };
    expect(check({ recorded: [accepted, record] }, { images: moved })).toBeUndefined();
    expect(check({ recorded: [accepted, record] })!.faults).toEqual([
      expect.stringContaining(`when ${accepted.id} was recorded`),
    ]);
  });

  test('is no matter of a rollback, which goes by digest', () => {
    expect(check({ recorded }, { images: moved, backTo: 'an-id' })).toBeUndefined();
  });

  test('is told from one that was never deployed', () => {
    expect(check({ recorded: [{ ...record, tag: 'preview-7654321' }] }, { images: moved })).toBeUndefined();
  });

  test('is recorded with the release when it was accepted', () => {
    const { release } = planRolling(propsFor(servingHost(), { images: moved }));
    expect(release.movedTags).toEqual([
      { tag: 'preview-0123abc', from: record.images.app, to: moved.app.reference, recordedBy: record.id },
    ]);
    expect(parseRecord(renderRecord(release))).toEqual(release);
    expect(planRolling(propsFor(servingHost())).release.movedTags).toBeUndefined();
  });
});

describe('files that were edited on the host', () => {
  const newTag = { request: { tag: 'preview-7654321' }, images: imagesOf('preview-7654321', 'd', 'e') };

  test('are named before they are replaced', () => {
    const host = servingHost();
    const files = { ...host.files, 'compose.yaml': { hash: '0'.repeat(64), mode: 0o644 } };
    const facts = { ...host, files, settingsEdited: true };
    expect(handEdits(facts, planRolling(propsFor(facts, newTag)))).toEqual([
      expect.stringContaining(`/opt/cogni/runtime/compose.yaml was changed on the host after ${record.id}`),
      expect.stringContaining(`/opt/cogni/runtime/.env was changed on the host after ${record.id}`),
    ]);
  });

  test('converge: settings that differ are replaced, also for the release that serves', () => {
    const host = servingHost();
    const files = { ...host.files, '.env': { hash: '0'.repeat(64), mode: 0o600 } };
    const facts = { ...host, files, settingsEdited: true };
    const plan = planRolling(propsFor(facts));
    expect(plan.unchanged).toBe(false);
    expect(plan.replaces).toContain('.env');
    expect(handEdits(facts, plan)).toHaveLength(1);
  });

  test('are not claimed where only the settings of the deploy changed', () => {
    const facts = servingHost();
    const plan = planRolling(
      propsFor(facts, { ...newTag, settings: { APP_DB_PASSWORD: 'another-password' } }),
    );
    expect(handEdits(facts, plan)).toEqual([]);
    expect(handEdits({ ...facts, settingsEdited: true }, planRolling(propsFor(facts)))).toEqual([]);
  });
});
