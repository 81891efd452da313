import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '../../../foundation/process';
import { renderPipeline } from '../../../services/alloy/pipeline';

/** Alloy's own programs, where there is one: it cannot be had everywhere (test/skips.json says why). */
const alloyIsHere = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'alloy'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

describe('the configuration of Alloy', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-alloy-'));
    file = join(folder, 'config.alloy');
    const pipeline = renderPipeline({
      environment: 'preview',
      collect: [{ project: 'cogni-runtime', service: 'app-a' }],
      noise: ['/livez'],
      metrics: { host: 'app', port: 3000, path: '/api/metrics' },
    });
    writeFileSync(file, pipeline);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const alloy = (...words: string[]) => run({ argv: ['alloy', ...words], deadline: 60_000 });

  (alloyIsHere ? it : it.skip)('is valid, and formatted as Alloy itself would format it', async () => {
    expect(await alloy('validate', file)).toMatchObject({ code: 0 });
    expect(await alloy('fmt', '--test', file)).toMatchObject({ code: 0 });
  });
});
