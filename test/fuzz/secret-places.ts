import fc from 'fast-check';
import {
  Bytes,
  check,
  mountVolume,
  Port,
  raw,
  Service,
  tmpfs,
  Volume,
  type Fault,
  type Project,
} from '../../compose';
import { healthy, longRunning } from '../unit/compose/example';
import { anyString } from '../unit/compose/hostile';
import { untyped } from '../unit/compose/rule-case';
import { planted } from './compose-files';

/**
 * Codes whose messages name what is looked for or is there twice: a file, a service, a network, a path in the container. Names are
 * what the reader needs, and are no place for a secret; every other message shows no text of the file at all.
 */
export const naming: ReadonlySet<string> = new Set(
  [
    '102',
    '203',
    '207',
    '208',
    '209',
    '210',
    '304',
    '306',
    '402',
    '404',
    '504',
    '505',
    '507',
    '509',
    '510',
    '603',
    '803',
    '901',
    '905',
  ].map((code) => `COMPOSE-${code}`),
);

/** Stands for the values of variables, labels and words of a command: no message at all may hold it, whatever it names. */
export const hidden = 'h1dd3n-v4lue';

/** Where text may stand that a rule looks at; the types are gone around, as by whoever writes JavaScript. */
const places: readonly ((project: Project, text: string) => object)[] = [
  (_, text) => ({ image: text }),
  (_, text) => ({ user: text }),
  (_, text) => ({ command: [text] }),
  (_, text) => ({ ports: [new Port({ host: 80, address: text })] }),
  (_, text) => ({ mounts: [tmpfs(text, Bytes.mebibytes(1))] }),
  (project, text) => ({ mounts: [mountVolume(new Volume(project, 'part', { name: 'part' }), text)] }),
  (_, text) => ({ healthcheck: healthy({ interval: text as never }) }),
  (_, text) => ({ healthcheck: healthy({ timeout: text as never, startPeriod: text as never }) }),
  ...['image', 'user', 'command', 'mem_limit', 'network_mode', 'stop_grace_period', 'pid', 'restart'].map(
    (key) => (_: Project, text: string) => ({ raw: raw({ [key]: text }, 'a test') }),
  ),
  ...['ports', 'volumes', 'devices', 'cap_add', 'tmpfs', 'security_opt', 'extra_hosts', 'environment'].map(
    (key) => (_: Project, text: string) => ({ raw: raw({ [key]: [text] }, 'a test') }),
  ),
  (_, text) => ({ raw: raw({ healthcheck: { test: text, interval: text } }, 'a test') }),
  (_, text) => ({ raw: raw({ logging: { driver: text, options: { 'max-size': text } } }, 'a test') }),
];

/** Text with a secret in it, in the shapes in which images, addresses and mounts hold one. */
const text = fc.oneof(
  fc.tuple(anyString, anyString).map((around) => around.join(planted)),
  fc.constantFrom(
    planted,
    `registry.test/${planted}`,
    `registry.test/app:${planted}`,
    `${planted}:80`,
    `/a/../${planted}`,
    `/${planted}:/b`,
    `127.0.0.1${planted}`,
    `${planted}=x`,
  ),
);
const value = fc.tuple(anyString, anyString).map((around) => around.join(hidden));

/** What is wrong with a service that has a secret in some place, and values that are no place for a fault. */
export const faultsOfSecrets: fc.Arbitrary<readonly Fault[]> = fc
  .tuple(fc.constantFrom(...places), text, value, value)
  .map(([place, secret, one, other]) => {
    const project = untyped();
    const values = { environment: { SECRET: one }, labels: { label: other }, command: ['run', one] };
    new Service(project, 'app', { ...longRunning, ...values, ...place(project, secret) });
    return check(project);
  });

/** Secrets where they do not belong, as where they do: told what is wrong, unseen. */
export const secretPlaces = fc.property(faultsOfSecrets, (faults) => {
  for (const { code, message } of faults) {
    if (!naming.has(code)) expect(message).not.toContain(planted);
    expect(message).not.toContain(hidden);
  }
});
