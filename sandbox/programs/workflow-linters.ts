import { join } from 'node:path';
import type { Progress } from '../../foundation/progress';
import { goBuild, type GoCommand } from '../go-build';
import { pythonPackages } from '../images/python-packages';
import { sandboxSource } from '../sources';

const actionlintCommand: GoCommand = {
  name: 'actionlint',
  module: 'github.com/rhysd/actionlint',
  version: 'v1.7.12',
  packagePath: 'github.com/rhysd/actionlint/cmd/actionlint',
};

/** Path of the program that reads workflows as GitHub does: syntax, expressions, the scripts in them. */
export const actionlintBinary = (progress: Progress): Promise<string> => goBuild(actionlintCommand, progress);

/** Path of the program that looks for weak spots in workflows; the Python package holds nothing but its binary. */
export const zizmorBinary = async (progress: Progress): Promise<string> =>
  join(await pythonPackages('zizmor', sandboxSource('programs', 'zizmor'), progress), 'bin', 'zizmor');
