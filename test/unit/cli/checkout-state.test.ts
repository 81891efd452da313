import { checkoutState } from '../../../cli/checkout-state';
import { Failure } from '../../../foundation/failure';
import type { Output, Run } from '../../../foundation/process';

const commit = 'c'.repeat(40);
const gitSays =
  (answers: Record<string, Partial<Output>>): Run =>
  ({ argv }) =>
    Promise.resolve({
      code: 0,
      signal: null,
      stdout: '',
      stderr: '',
      timedOut: false,
      milliseconds: 1,
      ...answers[argv[3] ?? ''],
    });

describe('the state of the checkout', () => {
  test('is its commit, clean', async () => {
    expect(await checkoutState('/c', gitSays({ 'rev-parse': { stdout: `${commit}\n` } }))).toEqual({
      commit,
      dirty: false,
    });
  });

  test('is dirty with anything that git lists', async () => {
    const git = gitSays({ 'rev-parse': { stdout: commit }, status: { stdout: ' M a.ts\n' } });
    expect(await checkoutState('/c', git)).toEqual({ commit, dirty: true });
  });

  test('is unknown outside a repository, before its first commit and without git', async () => {
    expect(await checkoutState('/c', gitSays({ 'rev-parse': { code: 128 } }))).toBeUndefined();
    expect(await checkoutState('/c', gitSays({ 'rev-parse': { stdout: 'HEAD' } }))).toBeUndefined();
    const none: Run = () =>
      Promise.reject(new Failure({ what: 'the program "git" was not found', next: '' }));
    expect(await checkoutState('/c', none)).toBeUndefined();
  });
});
