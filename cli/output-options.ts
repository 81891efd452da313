import type { Command } from 'commander';
import type { OutputOptions } from './output';

/** The options that every command has, given before or after its name. */
export const outputOptions = (command: Command): OutputOptions => ({
  json: command.optsWithGlobals<{ json?: boolean }>().json ?? false,
});
