import { createHash } from 'node:crypto';
import { reveal, type Sensitive } from '../../foundation/secret';
import {
  renderDotEnv,
  renderRuntime,
  runtimeVariables,
  type AppSlot,
  type RuntimeProps,
  type Settings,
} from '../../services';
import type { FileToWrite } from '../step';
import type { ReleaseImages } from '../registry';
import { layout } from './layout';

export interface ReleaseFile extends FileToWrite {
  /** Only the first content: a file that is there stays as it is. */
  readonly seed?: true;
}

/** The files of a release on the host: what the runtime is made of, with the application in a slot, and its settings. */
export function releaseFiles(
  runtime: RuntimeProps,
  settings: Settings,
  images: ReleaseImages,
  slot: AppSlot,
): readonly ReleaseFile[] {
  const release = { app: images.app.reference, migrator: images.migrator.reference };
  return [
    ...renderRuntime({ ...runtime, slot }),
    {
      path: layout.runtime.settings,
      mode: 0o600,
      content: renderDotEnv(runtimeVariables(settings, release, { ...runtime, slot })),
    },
  ];
}

/** SHA-256 in hex. Of secrets only to compare, never to keep. */
export const hashOf = (content: Sensitive): string =>
  createHash('sha256').update(reveal(content)).digest('hex');
