import { Build, Bytes, ForeignFile, OneShot, type Project } from '../../../../compose';
import { image, plain } from '../example';
import { domain, person, type EveryDeclaration } from './declarations';
import type { addWaitedFor } from './services';

/** Images that are built, with every key of a build. */
export function addBuilds(
  project: Project<'every-key'>,
  { folder, secrets: { token } }: EveryDeclaration,
  db: ReturnType<typeof addWaitedFor>['db'],
): void {
  const inlineBuilt = new OneShot(project, 'inline-built', {
    ...plain,
    image: new Build({
      context: 'https://git.test/app.git#main',
      dockerfileContent: 'FROM scratch\n',
      noCache: false,
    }),
    networks: db,
  });

  new OneShot(project, 'built', {
    ...plain,
    image: new Build({
      context: folder,
      tag: 'every/built:1',
      tags: ['every/built:2'],
      dockerfile: 'Dockerfile',
      target: 'final',
      arguments: { DOMAIN: domain },
      secrets: [token.at('build-token', { uid: 0, gid: 0, mode: 0o400 })],
      ssh: { default: '/run/agent.sock' },
      contexts: {
        other: new ForeignFile('../other', person),
        base: inlineBuilt,
        image: `docker-image://${image('registry.test/base')}`,
      },
      cacheFrom: ['every/built:cache'],
      cacheTo: ['type=inline'],
      noCache: true,
      pull: true,
      network: 'none',
      platforms: ['linux/amd64'],
      provenance: 'mode=max',
      sbom: true,
      entitlements: ['network.host'],
      privileged: true,
      extraHosts: { somewhere: '10.0.0.1' },
      sharedMemory: Bytes.mebibytes(16),
      ulimits: { nofile: { soft: 1024, hard: 2048 } },
      labels: { 'dev.label': 'image' },
    }),
  });
}
