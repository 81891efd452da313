import type { PlanManifest } from '../../../../infra/plan/manifest';
import { refusals, type Present } from '../../../../infra/plan/refusals';
import { manifest } from './samples';

const present = (change: Partial<Present> = {}): Present => {
  const { environment, stack, commit, clean, tool, state, configuration, providerLock } = manifest();
  return {
    ...{ environment, stack, commit, clean, tool, state, configuration, providerLock },
    now: new Date('2026-11-21T12:00:00Z'),
    onlyCommitted: true,
    ...change,
  };
};

describe('a plan', () => {
  it('is applied when everything is as it was', () => {
    expect(refusals(manifest(), present())).toEqual([]);
  });

  it.each<[string, Partial<PlanManifest>, Partial<Present>, string]>([
    [
      'of another environment',
      { environment: 'production', stack: 'production' },
      {},
      'it is a plan for production, not for preview',
    ],
    [
      'of another stack',
      { stack: 'preview-address' },
      {},
      'it is a plan for the stack preview-address, not for preview',
    ],
    [
      'of another commit',
      {},
      { commit: 'e'.repeat(40) },
      'it was made from commit cccccccccccc; this checkout is eeeeeeeeeeee',
    ],
    ['where git knows no commit', {}, { commit: null }, 'this checkout is none that git knows'],
    ['of files in no commit', { clean: false }, {}, 'nobody can have reviewed them'],
    ['in a checkout with files in no commit', {}, { clean: false }, 'commit or stash them'],
    [
      'of another configuration',
      {},
      { configuration: 'f'.repeat(64) },
      'other variables such as CHERRY_PROJECT_ID',
    ],
    ['of no state, when there is one', { state: null }, {}, 'something was applied since'],
    ['of a state, when there is none', {}, { state: null }, 'another backend, or a lost state'],
    ['of another state', {}, { state: { serial: 3, lineage: 'other' } }, 'another state (lineage f54b9068'],
    ['of an older state', {}, { state: { ...manifest().state!, serial: 4 } }, 'its serial was 3 and is 4'],
    [
      'of a newer state than there is',
      {},
      { state: { ...manifest().state!, serial: 2 } },
      'its serial was 3 and is 2',
    ],
    [
      'of another version',
      {},
      { tool: { name: 'terraform', version: '1.12.0' } },
      'it was made by Terraform 1.11.4; here is Terraform 1.12.0',
    ],
    [
      'of the other program',
      {},
      { tool: { name: 'opentofu', version: '1.11.4' } },
      'here is OpenTofu 1.11.4',
    ],
    ['with other providers', {}, { providerLock: 'f'.repeat(64) }, 'locked to other hashes'],
    [
      'that has expired',
      {},
      { now: new Date('2026-11-22T10:00:00Z') },
      'it expired at 2026-11-22T10:00:00.000Z',
    ],
    [
      'of the future',
      {},
      { now: new Date('2026-11-21T09:54:59Z') },
      "one of the two machines' clocks is wrong",
    ],
  ])('%s is refused', (_, planned, now, reason) => {
    expect(refusals(manifest(planned), present(now))).toEqual([expect.stringContaining(reason)]);
  });

  it('may be of files in no commit where an environment is not protected', () => {
    expect(refusals(manifest({ clean: false }), present({ clean: false, onlyCommitted: false }))).toEqual([]);
  });

  it('is applied where clocks differ by minutes', () => {
    expect(refusals(manifest(), present({ now: new Date('2026-11-21T09:56:00Z') }))).toEqual([]);
  });

  it('is refused with every reason at once', () => {
    const now = new Date('2027-01-01T00:00:00Z');
    expect(refusals(manifest(), present({ commit: null, state: null, providerLock: '', now }))).toHaveLength(
      4,
    );
  });

  it('of no state is applied when there is still none', () => {
    expect(refusals(manifest({ state: null }), present({ state: null }))).toEqual([]);
  });
});
