import { hostLayout as bootstrapLayout } from '../../bootstrap';
import { hostLayout } from '../../services';

const { deployState } = bootstrapLayout;
const { edge, runtime } = hostLayout;

/** Memory that everybody on a Linux host can make a private folder in (file-hierarchy, /dev/shm). */
const memory = '/dev/shm';

/** Where a deploy keeps things on a host, all of it writable by the deploy user. */
export const layout = {
  runtime: {
    ...runtime,
    /** The files of the release that is being deployed, until the gate has been passed. */
    next: `${runtime.folder}/.next`,
    /** Among them: spoilt files of what serves, as they were, until the release has been recorded. */
    spoilt: `${runtime.folder}/.next/.spoilt`,
    /** The files that were replaced, until the release has been recorded. */
    previous: `${runtime.folder}/.previous`,
    /** There for as long as a login of settings that were replaced may still work. */
    unsettled: `${runtime.folder}/.unsettled`,
    compose: 'compose.yaml',
    settings: '.env',
    /** Held with flock(2) for as long as Docker Compose makes, starts or ends services of it, also after the run that began it has gone. */
    atWork: `${deployState}/runtime.at-work.lock`,
  },
  edge: {
    ...edge,
    /** Service of the edge's project. */
    service: 'caddy',
    compose: `${edge.folder}/compose.yaml`,
    /** Folder and name of the file that names the app that gets the requests. */
    upstream: {
      folder: `${edge.folder}/${hostLayout.activeUpstream.split('/').slice(0, -1).join('/')}`,
      file: hostLayout.activeUpstream.split('/').at(-1) ?? '',
      /** It as it will be, for the moment before the rename. */
      next: '.active.next',
      /** It as it was before a deploy switched, until the release has been recorded: going back needs no room on the disk then. */
      previous: '.active.previous',
    },
    /** There for as long as the site is under maintenance. */
    maintenance: `${edge.folder}/${hostLayout.maintenance}`,
    /** Held with flock(2) for as long as its container is being made or started, also after the run that began it has gone. */
    atWork: `${deployState}/edge.at-work.lock`,
  },
  deploy: {
    folder: deployState,
    /** Held with flock(2) for as long as a deploy runs. */
    lock: `${deployState}/lock`,
    /** Who holds it, or held it last: for messages only. */
    holder: `${deployState}/lock.holder`,
    /** What every run did, one JSON object a line; older ones in `.1`, `.2`, ... */
    journal: `${deployState}/journal.jsonl`,
    releases: `${deployState}/releases`,
    /** Link to the record of the release that serves. */
    current: `${deployState}/current`,
  },
  bootstrapOk: bootstrapLayout.ok,
  memory,
  /** What the folders begin with that hold a login to the registry during a pull. */
  login: `${memory}/cogni-`,
  /** The same of SourceCred's, which is no matter of deploys. */
  sourcecredLogin: `${memory}/cogni-sourcecred-`,
} as const;
