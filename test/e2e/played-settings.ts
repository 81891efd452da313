import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testWorld } from './sandbox-cli';

const file = (): string => join(testWorld.folder, 'preview', 'settings.env');

/** What the file of settings that the sandbox made for `preview` says of one; empty where it has none. */
export const playedSetting = (name: string): string =>
  new RegExp(`^${name}=['"]?([^'"\\n]+)`, 'm').exec(readFileSync(file(), 'utf8'))?.[1] ?? '';

/** Changes it there, as somebody who rotates it does. */
export function changeSetting(name: string, value: string): void {
  const before = readFileSync(file(), 'utf8');
  const after = before.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`);
  if (after === before)
    throw new Error(`${name} is not among the settings of preview, or is ${value} already`);
  writeFileSync(file(), after);
}
