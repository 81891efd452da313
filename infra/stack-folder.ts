import { join } from 'node:path';

/** The folder that Terraform runs in for a stack, below the one that CDKTF writes to. */
export const stackFolder = (outputFolder: string, stackId: string): string =>
  join(outputFolder, 'stacks', stackId);

/** Id of the stack that holds an environment's floating address. */
export const addressStackId = (environment: string): string => `${environment}-address`;
