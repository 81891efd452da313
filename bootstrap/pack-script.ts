import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assembleScript } from './assemble';
import { packedScript } from './packed-script';

/** This folder in the checkout, whether this runs from the sources or compiled from `dist/bootstrap`. */
const folder = existsSync(join(__dirname, 'phases', 'core.sh'))
  ? __dirname
  : join(dirname(dirname(__dirname)), 'bootstrap');

/** The script that the sources in phases/ make today. */
export const scriptOfSources = (): string =>
  assembleScript((name) => readFileSync(join(folder, 'phases', `${name}.sh`), 'utf8'));

/**
 * `npm run bootstrap-script`: packs the script when it is another one than is packed already. The packed bytes are
 * kept as long as they mean the same, since another machine's zlib would pack them differently.
 */
function repack(): 'packed' | 'up to date' {
  const script = scriptOfSources();
  if (unpacked(packedScript) === script) return 'up to date';
  const packed = gzipSync(Buffer.from(script), { level: 9, memLevel: 9 });
  writeFileSync(
    join(folder, 'packed-script.ts'),
    [
      '// Made from bootstrap/phases by "npm run bootstrap-script"; do not edit. Committed because its bytes must never',
      '// depend on which zlib packs them: a changed byte of user-data wipes a disk.',
      `export const packedScript =\n  '${packed.toString('base64')}';\n`,
    ].join('\n'),
  );
  return 'packed';
}

const unpacked = (packed: string): string => gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');

if (require.main === module) console.log(`bootstrap/packed-script.ts: ${repack()}`);
