import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { schemaSource } from '../../../compose/specification/schema';
import { composeCommand } from '../../../sandbox/host/image';
import { committedSchema, schemaOfModule } from '../../../scripts/compose-schema';

describe('the committed Compose schema', () => {
  it('is the file of the module that Docker Compose requires, byte by byte', async () => {
    expect(readFileSync(committedSchema, 'utf8')).toBe(await schemaOfModule());
  }, 600_000);

  it('is of the Docker Compose that hosts have', () => {
    const { module, version } = composeCommand;
    expect(schemaSource.usedBy).toEqual({ module, version });
  });

  it('says in the notice beside it what it is and where it is from', () => {
    const notice = readFileSync(join(dirname(committedSchema), 'NOTICE'), 'utf8');
    for (const fact of [
      schemaSource.module,
      schemaSource.version,
      schemaSource.file,
      'Apache License, Version 2.0',
    ]) {
      expect(notice).toContain(fact);
    }
  });
});
