import type { Construct } from 'constructs';
import type { Mount } from '../mount';
import type { Project } from '../project';
import { isService } from '../service';
import type { Workload } from '../workload';
import { duplicates, perProject, type Rule } from './rule';

type Used = readonly [string, Construct & { readonly project: Project }];

function mounted(mount: Mount): readonly Used[] {
  switch (mount.kind) {
    case 'volume':
      return [[`the volume ${mount.volume.name}`, mount.volume]];
    case 'folder':
      return [[`the folder ${mount.folder.name}`, mount.folder]];
    case 'host':
    case 'tmpfs':
      return [];
  }
}

/** Every handle that a service uses, with a word for it. */
function used(service: Workload): readonly Used[] {
  return [
    ...service.attachments.map(({ network }) => [`the network ${network.name}`, network] as const),
    ...(service.props.mounts ?? []).flatMap(mounted),
    ...(service.props.dependsOn ?? []).map(({ on }) => [`the service ${on.name}`, on] as const),
  ];
}

export const referenceRules: readonly Rule[] = [
  {
    code: 'COMPOSE-201',
    rule: 'a service uses only what its own project declares',
    why: 'the rendered file would name something that it does not declare; another project is reached through an ExternalNetwork',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const [what, handle] of used(at)) {
          if (handle.project !== project) {
            yield { at, message: `${what} belongs to the project "${handle.project.name}"` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-202',
    rule: 'every network, volume and folder is used',
    why: 'what nobody uses is a leftover, or the use was forgotten',
    check: perProject(function* (project) {
      const inUse = new Set<Construct>(
        project.services.flatMap((service) => used(service).map(([, handle]) => handle)),
      );
      for (const at of [...project.networks, ...project.volumes, ...project.folders]) {
        if (!inUse.has(at)) yield { at, message: 'no service uses it' };
      }
    }),
  },
  {
    code: 'COMPOSE-203',
    rule: 'a service waits only for services that are there whenever it is',
    why: 'Compose refuses to start a service that waits for one whose profile is not asked for',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const own = at.props.profiles ?? [];
        for (const { on } of at.props.dependsOn ?? []) {
          const theirs = on.props.profiles ?? [];
          const always = theirs.length === 0;
          if (!always && (own.length === 0 || own.some((profile) => !theirs.includes(profile)))) {
            yield { at, message: `it waits for ${on.name}, which is there only with ${theirs.join(' or ')}` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-204',
    rule: 'a service waits for another one once',
    why: 'the file holds one condition a service; the other would be lost',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const names = (at.props.dependsOn ?? []).map(({ on }) => on.name);
        for (const name of duplicates(names)) yield { at, message: `it waits for ${name} more than once` };
      }
    }),
  },
  {
    code: 'COMPOSE-205',
    rule: 'a healthcheck can tell well from unwell',
    why: 'without a retry one slow answer counts as a failure for ever, and a check without time always fails',
    check: perProject(function* (project) {
      for (const at of project.services) {
        if (!isService(at) || at.healthcheck === undefined) continue;
        const { interval, timeout, retries } = at.healthcheck.props;
        if (interval.toMilliseconds() === 0) yield { at, message: 'the interval of its healthcheck is 0' };
        if (timeout.toMilliseconds() === 0) yield { at, message: 'the timeout of its healthcheck is 0' };
        if (!Number.isInteger(retries) || retries < 1) {
          yield { at, message: `the healthcheck has ${retries} retries: a whole number from 1 is allowed` };
        }
      }
    }),
  },
];
