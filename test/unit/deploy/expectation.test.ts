import { unmet } from '../../../deploy/expectation';
import type { Output } from '../../../foundation/process';

const ended: Output = {
  code: 0,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  milliseconds: 12_345,
};

describe('what is expected of a command', () => {
  test('is exit code 0 unless said otherwise', () => {
    expect(unmet(ended)).toBeUndefined();
    expect(unmet({ ...ended, code: 3 })).toBe('ended with exit code 3');
    expect(unmet({ ...ended, code: 3 }, { exit: [0, 3] })).toBeUndefined();
    expect(unmet({ ...ended, code: 0 }, { exit: [3] })).toBe('ended with exit code 0');
  });

  test('is that it ends by itself and in time', () => {
    expect(unmet({ ...ended, code: 124, timedOut: true })).toBe('did not end within its deadline (12.3 s)');
    expect(unmet({ ...ended, code: null, signal: 'SIGKILL' })).toBe('was ended by SIGKILL');
  });

  test('may be a text, white space around it left out', () => {
    expect(unmet({ ...ended, stdout: ' healthy\n' }, { stdout: { equals: 'healthy' } })).toBeUndefined();
    expect(unmet({ ...ended, stdout: 'starting\n' }, { stdout: { equals: 'healthy' } })).toBe(
      'said "starting", not "healthy"',
    );
  });

  test('may be fields of a JSON object, others left alone', () => {
    const expect1 = { stdout: { json: { buildSha: 'abc' } } };
    expect(unmet({ ...ended, stdout: '{"buildSha":"abc","version":"1"}\n' }, expect1)).toBeUndefined();
    expect(unmet({ ...ended, stdout: '{"buildSha":"old"}' }, expect1)).toBe('said buildSha "old", not "abc"');
    expect(unmet({ ...ended, stdout: '{}' }, expect1)).toBe('said buildSha nothing, not "abc"');
    expect(unmet({ ...ended, stdout: 'null' }, expect1)).toBe('said buildSha nothing, not "abc"');
    expect(unmet({ ...ended, stdout: '<html>' }, expect1)).toBe('said "<html>", which is not JSON');
  });

  test('may be a JSON list without an object that has some fields', () => {
    const gone = { stdout: { listWithout: { address: 'old:3000' } } };
    expect(unmet({ ...ended, stdout: '[]' }, gone)).toBeUndefined();
    expect(
      unmet({ ...ended, stdout: '[{"address":"new:3000","num_requests":2},null]' }, gone),
    ).toBeUndefined();
    expect(unmet({ ...ended, stdout: '[{"address":"old:3000","num_requests":2}]' }, gone)).toBe(
      'still lists {"address":"old:3000","num_requests":2}',
    );
    for (const stdout of ['', '{}', 'null', '<html>']) {
      expect(unmet({ ...ended, stdout }, gone)).toContain('which is no JSON list');
    }
  });

  test('shows at most a line of an answer that is a whole page', () => {
    expect(unmet({ ...ended, stdout: 'x'.repeat(5000) }, { stdout: { equals: 'y' } })!.length).toBeLessThan(
      200,
    );
  });
});
