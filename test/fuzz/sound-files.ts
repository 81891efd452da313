import fc from 'fast-check';
import { dump } from 'js-yaml';
import { image } from '../unit/compose/example';
import { planted } from './compose-files';

/** What the rules ask of every service, in Compose's own words. */
const required = {
  image: image(),
  mem_limit: '64m',
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
};

/** Entries that no rule has anything to say of. */
const harmless = {
  restart: 'always',
  command: ['serve', planted],
  entrypoint: ['/entry'],
  environment: { A: planted, B: 2 },
  labels: ['a=b'],
  user: '1000:1000',
  read_only: true,
  init: true,
  cap_drop: ['ALL'],
  cpus: 0.5,
  tmpfs: ['/t:size=1m'],
  expose: ['80'],
  stop_grace_period: '5s',
  healthcheck: { test: ['CMD', 'x'], interval: '5s', timeout: '3s', retries: 3, start_period: '5s' },
  'x-own': { a: [1] },
};

/** Entries that a rule refuses wherever they come from, with the rule's code. */
const refused: readonly (readonly [entries: object, code: string])[] = [
  [{ privileged: true }, 'COMPOSE-701'],
  [{ cap_add: ['SYS_ADMIN'] }, 'COMPOSE-701'],
  [{ pid: 'host' }, 'COMPOSE-701'],
  [{ devices: ['/dev/kmsg:/dev/kmsg'] }, 'COMPOSE-701'],
  [{ security_opt: ['seccomp=unconfined'] }, 'COMPOSE-701'],
  [{ volumes: ['/var/run/docker.sock:/s'] }, 'COMPOSE-506'],
  [{ pids_limit: 0 }, 'COMPOSE-602'],
  [{ memswap_limit: '1m' }, 'COMPOSE-607'],
  [{ stop_grace_period: 'soon' }, 'COMPOSE-804'],
];

export interface SoundFile {
  readonly content: string;
  /** The code of the only fault of its service `app`. Undefined where it has none. */
  readonly code: string | undefined;
}

/** A compose file whose service `app` the rules take, in whatever style; or take but for one entry, in half of the cases. */
export const soundFile: fc.Arbitrary<SoundFile> = fc
  .tuple(
    fc.subarray(Object.entries<unknown>(harmless)),
    fc.option(fc.constantFrom(...refused), { freq: 2 }),
    fc.integer({ min: -1, max: 4 }),
    fc.boolean(),
  )
  .map(([entries, fault, flowLevel, forceQuotes]) => {
    const app = { ...required, ...Object.fromEntries(entries), ...fault?.[0] };
    return {
      content: dump({ services: { app } }, { flowLevel, forceQuotes, noRefs: true }),
      code: fault?.[1],
    };
  });
