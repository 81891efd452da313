import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { schemaSource } from '../compose/specification/schema';
import { writeAtomically } from '../foundation/files';
import { capture } from '../foundation/process';

/** What `go mod download -json` says of a module; only what is read here. */
interface Downloaded {
  readonly GoMod: string;
  readonly Dir: string;
}

/** Downloads a Go module through the usual client, whose checksum database vouches for what comes. */
async function download(module: string, version: string): Promise<Downloaded> {
  const printed = await capture({
    argv: ['go', 'mod', 'download', '-json', `${module}@${version}`],
    env: { GOFLAGS: '-mod=mod', GOWORK: 'off' },
    deadline: 10 * 60_000,
  });
  return JSON.parse(printed) as Downloaded;
}

/**
 * The schema as it is in the module.
 *
 * @throws Error when Docker Compose does not require the version that is written here; Failure when Go or its module
 *   proxy does not answer
 */
export async function schemaOfModule(): Promise<string> {
  const { module, version, file, usedBy } = schemaSource;
  const requirements = readFileSync((await download(usedBy.module, usedBy.version)).GoMod, 'utf8');
  const required = requirements
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(([name]) => name === module)?.[1];
  if (required !== version) {
    throw new Error(
      `${usedBy.module} ${usedBy.version} requires ${module} ${required ?? 'not at all'}, not ${version}`,
    );
  }
  return readFileSync(join((await download(module, version)).Dir, file), 'utf8');
}

/** Where the schema is committed. */
export const committedSchema = resolve('compose', 'specification', 'compose-spec.json');

if (require.main === module) {
  void schemaOfModule().then((text) => {
    writeAtomically(committedSchema, text);
    process.stdout.write(`wrote ${committedSchema}: review and commit it with the NOTICE beside it\n`);
  });
}
