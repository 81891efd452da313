import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxEnvironment, SandboxOverrides } from '../../stacks/sandbox-overrides';
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

const overridesFile = (): string => join(testWorld.folder, 'sandbox.json');
const overrides = (): SandboxOverrides =>
  JSON.parse(readFileSync(overridesFile(), 'utf8')) as SandboxOverrides;

/** What the sandbox has the record of `preview` say. */
export function playedRecord(): SandboxEnvironment {
  const { preview } = overrides().environments;
  if (preview === undefined) throw new Error('the sandbox plays no preview');
  return preview;
}

/** Changes it there, as somebody who edits the record does; what is undefined goes. */
export function changeRecord(changes: {
  readonly [Field in keyof SandboxEnvironment]?: SandboxEnvironment[Field] | undefined;
}): void {
  const { environments, ...rest } = overrides();
  const preview = { ...playedRecord(), ...changes };
  const text = JSON.stringify({ ...rest, environments: { ...environments, preview } }, undefined, 2);
  writeFileSync(overridesFile(), `${text}\n`);
}
