import { hostLayout, renderDotEnv, type RenderedFile, type Settings } from '../../services';
import { layout } from '../rolling/layout';
import { hashOf } from '../rolling/files';
import type { FileToWrite } from '../step';
import type { RemoteCommand } from '../transport';

/** Everything that bringing SourceCred to a host needs to know, as plain data. */
export interface SourcecredRequest {
  readonly environment: string;
  /** Host name of the site, whose route `/sourcecred/` leads to it. */
  readonly domain: string;
  /** Of `renderSourcecred`: `compose.yaml`, and the configuration in a folder of its own hash. */
  readonly files: readonly RenderedFile[];
  /** The runner, by digest. */
  readonly image: string;
  /** Read for the purpose `sourcecred`. */
  readonly settings: Settings;
  /** Who brings it, and from which machine. */
  readonly by: { readonly who: string; readonly from: string };
  readonly at: Date;
}

const { project, folder } = hostLayout.sourcecred;

/** Where it is on a host. */
export const place = {
  project,
  folder,
  compose: `${folder}/compose.yaml`,
  settings: `${folder}/.env`,
  /** Folders of configurations, one a version. */
  instances: `${folder}/instance`,
  /** New ones wait here until the container made from them is healthy. */
  next: { compose: `${folder}/.compose.next.yaml`, settings: `${folder}/.env.next` },
  /** Copies of the old ones, until the new ones are on the disk. */
  previous: { compose: `${folder}/.compose.previous.yaml`, settings: `${folder}/.env.previous` },
  /** What the folders begin with that hold its login to the registry during a pull. */
  logins: layout.sourcecredLogin,
  /** Not that of deploys: neither ever waits for the other. */
  lock: {
    lock: `${layout.deploy.folder}/sourcecred.lock`,
    holder: `${layout.deploy.folder}/sourcecred.lock.holder`,
  },
  /** Held with flock(2) for as long as its container is being made or ended, also after the run that began it has gone. */
  atWork: `${layout.deploy.folder}/sourcecred.at-work.lock`,
} as const;

/** `docker compose` on its project, with these files. */
export const composeOn = (files: {
  readonly compose: string;
  readonly settings: string;
}): RemoteCommand['argv'] => [
  'docker',
  'compose',
  '--ansi=never',
  '--progress=plain',
  `--project-name=${place.project}`,
  `--project-directory=${place.folder}`,
  `--file=${files.compose}`,
  `--env-file=${files.settings}`,
];

/** All files that the host has to have, by their path below the folder. */
export const filesOf = ({ files, settings }: SourcecredRequest): readonly FileToWrite[] => [
  ...files,
  {
    path: '.env',
    mode: 0o600,
    content: renderDotEnv([['SOURCECRED_GITHUB_TOKEN', settings.secret('SOURCECRED_GITHUB_TOKEN')]]),
  },
];

/** Path below the folder to SHA-256: to compare, never to keep. */
export const hashesOf = (request: SourcecredRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(filesOf(request).map(({ path, content }) => [path, hashOf(content)]));

/** How it is begun again. */
export const applyCommand = ({ environment }: Pick<SourcecredRequest, 'environment'>): string =>
  `./cogni sourcecred apply ${environment}`;
