import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { renderPipeline } from '../../../services/alloy/pipeline';
import { redacted } from '../../../services/alloy/redaction';
import {
  harmlessLines,
  leaks,
  noisyLines,
  secretLines,
  tellingLines,
} from '../../unit/services/alloy/log-lines';

const program = join(__dirname, 'log-stages', 'main.go');
const text = renderPipeline({
  environment: 'preview',
  collect: [{ project: 'cogni-runtime', service: 'app-a' }],
  noise: ['/livez', '/api/metrics'],
  metrics: { host: 'app', port: 3000, path: '/api/metrics' },
});
const [drop, ...replace] = [...text.matchAll(/^\t*expression += (".*")$/gm)].map(
  ([, value = '']) => JSON.parse(value) as string,
);

/** What is left of lines, by the engine of regular expressions that Alloy has; null for a dropped one. */
async function processed(lines: readonly string[]): Promise<readonly (string | null)[]> {
  const { code, stdout, stderr } = await run({
    argv: ['go', 'run', program],
    stdin: JSON.stringify({ drop, replace, with: redacted, lines }),
    env: { GO111MODULE: 'off' },
    deadline: 110_000,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as readonly (string | null)[];
}

describe('the expressions of Alloy’s pipeline, read by the regular expressions of Go', () => {
  it('drop noise and nothing else, take every secret out, and leave the rest as it is', async () => {
    const made = 'ab'.repeat(32);
    const lines = [
      ...noisyLines,
      ...tellingLines,
      ...harmlessLines,
      `pulled app@sha256:${made}`,
      `key ${made}.`,
      ...secretLines,
    ];
    const left = await processed(lines);
    expect(left.slice(0, -secretLines.length)).toEqual([
      ...noisyLines.map(() => null),
      ...tellingLines,
      ...harmlessLines,
      `pulled app@sha256:${made}`,
      `key ${redacted}.`,
    ]);
    for (const line of left.slice(-secretLines.length)) {
      expect(line).toContain(redacted);
      expect(leaks(line ?? '')).toBe(false);
    }
  });
});
