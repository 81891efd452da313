import {
  Build,
  Config,
  ConfigFolder,
  DefaultedReference,
  ForeignFile,
  ImageReference,
  Model,
  PassThrough,
  PlainReference,
  raw,
  Secret,
  SecretReference,
  Service,
  text,
  type BuildProps,
  type ImageDigest,
  type Raw,
} from '../../../compose';
import { image, longRunning } from './example';
import { one, type RuleCase } from './rule-case';

const reason = 'the test says so';
const password = new SecretReference('PASSWORD', 'set it');

/** As when the entries came from data: to the compiler a secret is no raw entry. */
const anyRaw = (entries: unknown): Raw => ({ ...raw({}, reason), entries: entries as Raw['entries'] });

export const secretAndImageCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-108',
    title: 'a secret on a command line, in a label, a build, a config and an extension field',
    build: one((project) => {
      const context = new ForeignFile('app', 'a person');
      const passed = new PassThrough('TOKEN', true);
      new Service(project, 'app', {
        ...longRunning,
        image: new Build({ context, raw: anyRaw({ args: { TOKEN: passed } }) }),
        raw: anyRaw({ command: ['login', password] }),
        configs: [new Config(project, 'config', { content: 'x', raw: anyRaw({ content: password }) })],
      });
      new Service(project, 'labelled', { ...longRunning, raw: anyRaw({ labels: { t: password } }) });
      new Service(project, 'listed', { ...longRunning, raw: anyRaw({ environment: [password] }) });
      Object.assign(project, {
        raw: anyRaw({ 'x-a': password, services: { ghost: { working_dir: password } } }),
      });
    }),
    faults: [
      ['shop/services/app', /^the secret TOKEN stands at services\/app\/build\/args\/TOKEN$/],
      ['shop/services/app', /^the secret PASSWORD stands at services\/app\/command\/1$/],
      ['shop/services/labelled', /^the secret PASSWORD stands at services\/labelled\/labels\/t$/],
      ['shop/services/listed', /^the secret PASSWORD stands at services\/listed\/environment\/0$/],
      ['shop', /^the secret PASSWORD stands at services\/ghost\/working_dir$/],
      ['shop/configs/config', /^the secret PASSWORD stands at configs\/config\/content$/],
      ['shop', /^the secret PASSWORD stands at x-a$/],
    ],
  },
  {
    code: 'COMPOSE-108',
    title: 'nothing in an environment, a hook’s environment and a Secret',
    build: one((project) => {
      const plain = new PlainReference('DOMAIN', 'set it');
      const hook = { command: ['true'] as const, environment: { PASSWORD: password } };
      new Service(project, 'app', {
        ...longRunning,
        environment: { PASSWORD: password, TOKEN: new PassThrough('TOKEN', true) },
        labels: { domain: plain },
        afterStart: [hook],
        beforeStop: [hook],
        watches: [{ path: 'src', action: 'sync+exec', target: '/src', exec: hook }],
        secrets: [new Secret(project, 'token', { environment: password })],
      });
    }),
    faults: [],
  },
  {
    code: 'COMPOSE-401',
    title: 'images of raw entries that a variable holds, or falls back to',
    build: one((project) => {
      const ways = [
        new DefaultedReference('IMG', 'caddy:latest'),
        new PlainReference('IMG', 'set it'),
        text`${new PlainReference('NAME', 'set it')}:latest`,
        new DefaultedReference('IMG', image()),
        new ImageReference('IMG', 'set it'),
      ];
      ways.forEach((taken, index) => {
        new Service(project, `way${index}`, { ...longRunning, raw: raw({ image: taken }, reason) });
      });
      const services = { ghost: { image: new PlainReference('GHOST', 'set it') } };
      Object.assign(project, { raw: raw({ services }, reason) });
    }),
    faults: [
      ['shop/services/way0', /^its image is not of the form/],
      ['shop/services/way2', /^its image is not of the form/],
      ['shop/services/way1', /^its image is a variable that is not declared to hold one \(ImageReference\)$/],
      ['shop/services/way2', /^its image is a variable that is not declared/],
      ['shop', /^its image is a variable that is not declared/],
    ],
  },
  {
    code: 'COMPOSE-401',
    title: 'images that a build begins with, copies from or is read with',
    build: one((project) => {
      const context = new ForeignFile('src', 'a person');
      const pinned = image('registry.test/base');
      type Props = Partial<Pick<BuildProps<string>, 'context' | 'contexts' | 'arguments' | 'raw'>>;
      const built = (name: string, props: Props & { readonly dockerfileContent?: string }): void => {
        const all = { context, ...props } as BuildProps<string>;
        new Service(project, name, { ...longRunning, image: new Build(all) });
      };
      const inline = (name: string, lines: readonly string[], props: Props = {}): void =>
        built(name, { ...props, dockerfileContent: lines.join('\n') });
      built('context', { contexts: { base: 'docker-image://caddy:latest' } });
      built('listed', { raw: raw({ additional_contexts: ['base=docker-image://caddy:2'] }, reason) });
      inline('from', ['ARG X=1', 'FROM --platform=linux/amd64 \\', '  # a remark', '  caddy:latest AS base']);
      inline('argument', ['ARG BASE=caddy:2', 'FROM ${BASE}']);
      inline('given', [`ARG BASE=${pinned}`, 'FROM $BASE'], { arguments: { BASE: 'caddy:2' } });
      inline('nested', ['ARG A=caddy:2', 'ARG B=$A', 'FROM $B']);
      inline('trigger', ['FROM scratch', 'ONBUILD COPY --from=caddy:2 /a /a']);
      inline('shifted', ['FROM scratch', 'RUN echo $((1<<2))', 'FROM caddy:2']);
      inline('unknown', ['ARG BASE', 'FROM $BASE']);
      inline('copied', ['FROM scratch', 'COPY --from=caddy:2 /a /a']);
      inline('mounted', ['FROM scratch', 'RUN --mount=type=bind,from=caddy:2,target=/a true']);
      inline('syntax', ['# syntax=docker/dockerfile:1', 'FROM scratch']);
      inline('platform', [`FROM ${pinned} AS base-amd64`, 'FROM other-$TARGETARCH']);
      inline('referred', ['ARG BASE', 'FROM $BASE'], {
        arguments: { BASE: new ImageReference('BASE_IMAGE', 'set it') },
      });
      inline('stages', [
        `FROM ${pinned} AS base-amd64`,
        `FROM ${pinned} AS base-arm64-slim`,
        'FROM base-${TARGETARCH} AS one',
        'FROM base-$TARGETARCH-slim',
      ]);
      const folder = new ConfigFolder(project, 'image', [{ path: 'Dockerfile', content: 'from caddy:2\n' }]);
      built('folder', { context: folder });
      inline(
        'sound',
        [
          `ARG PINNED=${pinned.replace('@', ':1@')}`,
          'ARG BASE="${PINNED}"',
          'FROM $BASE AS Built',
          'COPY <<-EOF /query.sql',
          'FROM people',
          '\tEOF',
          'FROM built',
          'COPY --from=0 /a /a',
          'COPY --from=other /b /b',
          'ENV FROM=caddy:latest',
          'RUN echo --from=caddy:2 --mount=from=caddy:2',
          'RUN 3<<SCRIPT true',
          'FROM people',
          'SCRIPT',
        ],
        { contexts: { other: `docker-image://${pinned}` } },
      );
    }),
    faults: [
      ['shop/services/context', /^an image that its build has for a context is not of the form/],
      ['shop/services/listed', /^an image that its build has for a context is not of the form/],
      ...[
        'from',
        'argument',
        'given',
        'nested',
        'trigger',
        'shifted',
        'unknown',
        'copied',
        'mounted',
        'syntax',
        'platform',
        'folder',
      ].map(
        (name) =>
          [
            `shop/services/${name}`,
            /^an image that the Dockerfile of its build names is not of the form/,
          ] as const,
      ),
    ],
  },
  {
    code: 'COMPOSE-402',
    title: 'a name for a built image that Compose asks a registry for first',
    build: one((project) => {
      const tagged = new Build({ context: new ForeignFile('app', 'a person'), tag: 'redis:7' });
      new Service(project, 'sound', { ...longRunning, image: tagged });
      new Service(project, 'once', { ...longRunning, image: tagged, pullPolicy: 'never' });
      new Service(project, 'asked', { ...longRunning, image: tagged, pullPolicy: 'missing' });
      const build = { context: 'https://git.test/a.git' };
      const policy = text`${new PlainReference('POLICY', 'set it')}`;
      new Service(project, 'raw', { ...longRunning, raw: raw({ image: 'redis:7', build }, reason) });
      const variable = { image: 'redis:7', build, pull_policy: policy };
      new Service(project, 'variable', { ...longRunning, raw: raw(variable, reason) });
      const unnamed = { image: undefined, build, pull_policy: 'always' };
      new Service(project, 'unnamed', { ...longRunning, raw: raw(unnamed, reason) });
    }),
    faults: ['asked', 'raw', 'variable'].map((name) => [
      `shop/services/${name}`,
      /^its built image has a name and its pull_policy is neither build nor never$/,
    ]),
  },
  {
    code: 'COMPOSE-401',
    title: 'models by a tag',
    build: one((project) => {
      const tagged = new Model(project, 'tagged', { model: 'ai/x:latest' as ImageDigest });
      const sound = new Model(project, 'sound', { model: new ImageReference('MODEL', 'set it') });
      new Service(project, 'app', { ...longRunning, models: [tagged, sound] });
      Object.assign(project, { raw: raw({ models: { ghost: { model: 'ai/y' } } }, reason) });
    }),
    faults: [
      ['shop/models/tagged', /^the model tagged is not of the form/],
      ['shop', /^the model ghost is not of the form/],
    ],
  },
];
