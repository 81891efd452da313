import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { ensurePackages } from '../../../../sandbox/packages';
import { imageReference, renderRuntime } from '../../../../services';
import { resolvedLock } from '../../../unit/services/example';
import { writeFiles } from '../compose-program';

describe('the provisioning script', () => {
  beforeAll(async () => {
    const why = 'checks the scripts that reach a host';
    await ensurePackages([{ program: 'shellcheck', package: 'shellcheck', why }], silent);
  }, 900_000);

  it('has nothing that shellcheck minds', async () => {
    const folder = writeFiles(
      renderRuntime({ images: { postgres: imageReference(resolvedLock(), 'postgres') } }),
    );
    const script = join(folder, 'db-provision/provision.sh');
    const checked = await run({
      argv: ['shellcheck', script],
      deadline: 60_000,
    });
    expect(checked).toMatchObject({ code: 0, stdout: '' });
    rmSync(folder, { recursive: true });
  });
});
