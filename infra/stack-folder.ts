import { join } from 'node:path';

/** The folder that Terraform runs in for a stack, below the one that CDKTF writes to. */
export const stackFolder = (outputFolder: string, stackId: string): string =>
  join(outputFolder, 'stacks', stackId);
