import fc from 'fast-check';
import { dump } from 'js-yaml';

/** Entries of a service that Docker Compose takes, in several forms each: any of them may lie over any other of its key. */
const forms: Readonly<Record<string, readonly unknown[]>> = {
  image: ['a', 'registry.test/b:1'],
  command: ['one two', ['three'], null, []],
  entrypoint: [['e', 'f'], 'g'],
  user: ['1000', 'u:g'],
  environment: [['A=1', 'B=x=y', 'C'], { A: 2, D: null, E: '' }, { A: 'a: b', F: 1.5, G: true }],
  labels: [['l=1', 'm'], { l: '2', n: 'a b' }],
  annotations: [{ a: 'b' }, ['a=c', 'd=e']],
  ports: [
    ['80:80', '127.0.0.1:81:81/udp'],
    [{ target: 80, published: '80' }],
    ['8000-8001:8000-8001', '80:80'],
  ],
  expose: [
    ['1', '2'],
    ['2', '3-4'],
  ],
  volumes: [
    ['data:/d', './here:/h:ro'],
    [{ type: 'volume', source: 'data', target: '/h' }],
    ['../up:/d', '/tmp/x:/x'],
    [{ type: 'bind', source: './z', target: '/d', bind: { create_host_path: false } }],
  ],
  tmpfs: ['/t', ['/t', '/u']],
  devices: [['/dev/null:/dev/n'], ['/dev/zero:/dev/n', '/dev/full']],
  networks: [['front'], { back: { aliases: ['x', 'y'] } }, { front: null, back: { aliases: ['z'] } }],
  dns: ['1.1.1.1', ['1.1.1.1', '9.9.9.9']],
  extra_hosts: [['h=1.2.3.4'], { h: '1.2.3.5', i: '1.2.3.6' }],
  sysctls: [['net.core.somaxconn=1'], { 'net.core.somaxconn': 2 }],
  ulimits: [{ nofile: 5 }, { nofile: { soft: 6, hard: 7 }, core: 0 }],
  cap_add: [['A'], ['A', 'B']],
  healthcheck: [{ test: ['CMD', 'x'], interval: '5s' }, { test: 'y', retries: 3 }, { timeout: '1m30s' }],
  logging: [
    { driver: 'local', options: { 'max-size': '1m' } },
    { driver: 'json-file' },
    { options: { a: 'b' } },
  ],
  build: ['.', { context: './c', args: { A: 1 } }, { dockerfile: 'D', args: ['A=2', 'B'] }],
  deploy: [{ replicas: 2 }, { resources: { limits: { memory: '5m' } } }, { labels: { a: 'b' } }],
  configs: [['c'], [{ source: 'c', target: '/c' }]],
  secrets: [['s'], [{ source: 's', target: 's2', mode: 288 }, 's']],
  profiles: [['p'], ['p', 'q']],
  restart: ['always', 'no'],
  'x-own': [{ a: [1] }, { a: [2], b: null }],
};

const service = fc
  .subarray(
    Object.keys(forms).filter((key) => key !== 'image'),
    { maxLength: 8 },
  )
  .chain((keys) =>
    fc.tuple(
      ...['image', ...keys].map((key) => fc.tuple(fc.constant(key), fc.constantFrom(...(forms[key] ?? [])))),
    ),
  )
  .map((entries): unknown => Object.fromEntries(entries));

/** What the services name, so that Compose takes any of them. */
const declared = {
  volumes: { data: null },
  networks: { front: null, back: { internal: true } },
  configs: { c: { content: 'x' } },
  secrets: { s: { environment: 'S' } },
};

/** A compose file that Docker Compose takes, in whatever style. */
export const mergeableFile: fc.Arbitrary<string> = fc
  .tuple(service, service, fc.integer({ min: -1, max: 4 }), fc.boolean())
  .map(([app, other, flowLevel, forceQuotes]) =>
    dump({ services: { app, other }, ...declared }, { flowLevel, forceQuotes, noRefs: true }),
  );

/** Two compose files, one to lie over the other, that Docker Compose takes: as texts, in whatever style. */
export const mergeableFiles: fc.Arbitrary<readonly [below: string, above: string]> = fc.tuple(
  mergeableFile,
  mergeableFile,
);
