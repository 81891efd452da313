import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../foundation/failure';
import { writeAtomically } from '../../foundation/files';

/** Something that exists at the provider and is to be taken into the state under an address. */
export interface Import {
  readonly address: string;
  readonly id: string;
}

const fileIn = (stackFolder: string): string => join(stackFolder, 'cogni-import.tf.json');

/**
 * Adds `import` blocks to a stack for one plan. They are no part of what is synthesized: once applied they have done
 * their work, and synthesizing takes them away.
 */
export const writeImports = (stackFolder: string, imports: readonly Import[]): void =>
  writeAtomically(
    fileIn(stackFolder),
    `${JSON.stringify({ import: imports.map(({ address, id }) => ({ to: address, id })) })}\n`,
  );

export const forgetImports = (stackFolder: string): void => rmSync(fileIn(stackFolder), { force: true });

/** The same as Terraform's own language writes it, for people who do it by hand. */
export const importBlock = ({ address, id }: Import): string =>
  `import {\n  to = ${address}\n  id = "${id}"\n}`;

/** Reads `<address>=<id>`. @throws Failure with every one that is not of that form */
export function parseImports(given: readonly string[]): readonly Import[] {
  const read = given.map((each) => /^([a-z][\w-]*\.[A-Za-z_][\w-]*)=([\w:,-]+)$/.exec(each));
  const wrong = given.filter((_, index) => read[index] === null);
  if (wrong.length === 0) return read.map((match) => ({ address: match?.[1] ?? '', id: match?.[2] ?? '' }));
  throw new Failure({
    what: `--import ${wrong.join(', ')} is not of the form <address>=<id>, such as cherryservers_server.host=811287`,
    next: './cogni plan --help',
    exitCode: ExitCode.usage,
  });
}
