import { requireReady } from '../../../../deploy/rolling/readiness';
import type { HostFacts } from '../../../../deploy/rolling/survey';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { emptyHost, images, request } from './sample';

const check = (changes: Partial<HostFacts>): Failure | undefined => {
  try {
    requireReady({ ...emptyHost, ...changes }, images, request, 'deploy@203.0.113.7');
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
      'it has 1.3 GiB of free disk, and the release needs 1.3 GiB',
    ]);
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
