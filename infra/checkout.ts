import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout that this code runs from: the nearest folder above it that holds `cdktf.json`, compiled or not. */
export const checkout: string = nearestAbove(__dirname, 'cdktf.json');

function nearestAbove(start: string, file: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, file))) return folder;
    if (dirname(folder) === folder) throw new Error(`no ${file} in ${start} or above it`);
  }
}
