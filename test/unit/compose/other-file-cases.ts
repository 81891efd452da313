import {
  ConfigFolder,
  ForeignFile,
  mountFolder,
  Network,
  raw,
  Service,
  Volume,
  type Project,
} from '../../../compose';
import { longRunning } from './example';
import { one, untyped, type RuleCase } from './rule-case';

const reason = 'the test says so';

/** A folder of the project with these files, and a service that mounts it: a folder that nobody uses is a fault too. */
function writing(project: Project, files: Readonly<Record<string, string>>): void {
  const folder = new ConfigFolder(
    project,
    'parts',
    Object.entries(files).map(([path, content]) => ({ path, content })),
  );
  new Service(project, 'reader', { ...longRunning, mounts: [mountFolder(folder, '/parts')] });
}

const extending = (
  project: Project,
  name: string,
  file: string,
  files: readonly ForeignFile[] = [],
): Service =>
  new Service(project, name, {
    ...longRunning,
    raw: raw({ extends: { file, service: 'base' } }, reason, files),
  });

const including = (project: Project, include: readonly string[], files: readonly ForeignFile[]): void =>
  void Object.assign(project, { raw: raw({ include }, reason, files) });

const digest = `registry.test/more@sha256:${'ab'.repeat(32)}`;

export const otherFileCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-803',
    title: 'files of which nobody says what they hold, and those that hold something else',
    build: one((project) => {
      writing(project, {
        'broken.yaml': 'services:\n  base: [',
        'circle.yaml': 'services:\n  base:\n    extends: {file: circle.yaml, service: base}\n',
        'sound.yaml': 'services:\n  base:\n    init: true\n',
      });
      extending(project, 'sound', 'parts/sound.yaml');
      extending(project, 'unknown', 'base.yaml', [new ForeignFile('base.yaml', 'a person')]);
      extending(project, 'nobodys', 'nobodys.yaml');
      extending(project, 'broken', 'parts/broken.yaml');
      extending(project, 'circle', 'parts/circle.yaml');
      new Service(project, 'nothing', { ...longRunning, raw: raw({ extends: 'nowhere' }, reason) });
      including(
        project,
        ['more.yaml', 'sound.yaml'],
        [new ForeignFile('./sound.yaml', 'a person', 'include: [deeper.yaml]\n')],
      );
    }),
    faults: [
      ['shop', /^parts\/broken\.yaml:\d+: is not YAML/],
      [
        'shop/services/broken',
        /^services\/broken\/extends: extends the service "base", which is not in parts/,
      ],
      ['shop', /^services\/base\/extends: extends itself, through the services that it extends$/],
      ['shop/services/nobodys', /^services\/nobodys\/extends: there is no file nobodys\.yaml/],
      [
        'shop/services/nothing',
        /^services\/nothing\/extends: extends the service "nowhere", which is not in/,
      ],
      [
        'shop/services/unknown',
        /^services\/unknown\/extends: there is no file base\.yaml, or it cannot be read; a folder of the project writes it, or a ForeignFile says its content$/,
      ],
      ['shop', /^include\/0: there is no file more\.yaml/],
      ['shop', /^sound\.yaml:1 include\/0: there is no file deeper\.yaml/],
    ],
  },
  {
    code: 'COMPOSE-803',
    title: 'a file with a line break that Compose alone knows, behind which content hides',
    build: one((project) => {
      const hiding = 'services:\n  base:\n    init: true # a remark\u2028    privileged: true\n';
      extending(project, 'app', 'their.yaml', [new ForeignFile('their.yaml', 'a person', hiding)]);
    }),
    faults: [
      ['shop', /^their\.yaml:3: holds U\+2028, which ends a line for Compose's reader/],
      ['shop/services/app', /which is not in their\.yaml$/],
    ],
  },
  {
    code: 'COMPOSE-701',
    title: 'what a service extends in another file, and services of files that are included',
    build: one((project) => {
      writing(project, { 'base.yaml': 'services:\n  base: {privileged: true, pid: host}\n' });
      extending(project, 'extends', 'parts/base.yaml');
      const more = `services:\n  included:\n    image: ${digest}\n    cap_add: [SYS_ADMIN]\n`;
      including(project, ['their/more.yaml'], [new ForeignFile('their/more.yaml', 'a person', more)]);
    }),
    faults: [
      ['shop/services/extends', /^it is privileged, and the project does not allow it "privileged"$/],
      ['shop/services/extends', /^its pid is the host's, and/],
      ['shop', /^it has the capability SYS_ADMIN, and/],
    ],
  },
  {
    code: 'COMPOSE-604',
    title: 'services of a file that is included with variables of its own',
    build: one((project) => {
      const include = [{ path: 'their/more.yaml', env_file: 'their/more.env' }];
      const more = `services:\n  included:\n    image: ${digest}\n`;
      const files = [
        new ForeignFile('their/more.yaml', 'a person', more),
        new ForeignFile('their/more.env', 'a person'),
      ];
      new Service(project, 'app', longRunning);
      Object.assign(project, { raw: raw({ include }, reason, files) });
    }),
    faults: [['shop', /^it has no memory limit$/]],
  },
  {
    code: 'COMPOSE-301',
    title: 'a port that a project publishes and another one’s included file too',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      new Service(shop, 'web', { ...longRunning, raw: raw({ ports: ['443:443'] }, reason) });
      const more = `services:\n  included:\n    image: ${digest}\n    ports: ["127.0.0.1:443:443"]\n`;
      new Service(other, 'app', longRunning);
      including(other, ['more.yaml'], [new ForeignFile('more.yaml', 'a person', more)]);
      return [shop, other];
    },
    faults: [['other', /^port 443\/tcp of the host is published by shop\/services\/web already$/]],
  },
  {
    code: 'COMPOSE-302',
    title: 'a name of one service that another one has from a file, and one of a file that is included',
    build: one((project) => {
      const edge = new Network(project, 'edge');
      writing(project, { 'base.yaml': 'services:\n  base: {networks: {edge: {aliases: [app]}}}\n' });
      new Service(project, 'app', { ...longRunning, networks: [edge.as('job')] });
      const base = raw({ extends: { file: 'parts/base.yaml', service: 'base' } }, reason);
      new Service(project, 'extends', { ...longRunning, networks: [edge], raw: base });
      const more = `services:\n  included: {image: "${digest}", networks: {edge: {aliases: [job]}}}\n`;
      including(project, ['more.yaml'], [new ForeignFile('more.yaml', 'a person', more)]);
    }),
    faults: [
      ['shop/services/extends', /^on the network edge, app and extends are both called "app"$/],
      ['shop', /^on the network edge, app and included are both called "job"$/],
    ],
  },
  {
    code: 'COMPOSE-202',
    title:
      'a volume that nobody uses, beside one that a service has from a file and one that an included file names',
    build: one((project) => {
      for (const name of ['extended', 'named', 'never']) new Volume(project, name, { name: `shop_${name}` });
      writing(project, { 'base.yaml': 'services:\n  base: {volumes: ["extended:/data"]}\n' });
      extending(project, 'extends', 'parts/base.yaml');
      const more = `services:\n  included: {image: "${digest}", volumes: [{type: volume, source: named, target: /data}]}\n`;
      including(project, ['more.yaml'], [new ForeignFile('more.yaml', 'a person', more)]);
    }),
    faults: [['shop/volumes/never', /^no service uses it$/]],
  },
  {
    code: 'COMPOSE-507',
    title: 'files that an included file names, from its own folder on',
    build: one((project) => {
      const more = `services:\n  included:\n    image: ${digest}\n    env_file: [here.env, missing.env]\n`;
      new Service(project, 'app', longRunning);
      including(
        project,
        ['their/more.yaml'],
        [new ForeignFile('their/more.yaml', 'a person', more), new ForeignFile('their/here.env', 'a person')],
      );
    }),
    faults: [['shop', /^the file their\/missing\.env is not one that the project writes/]],
  },
  {
    code: 'COMPOSE-103',
    title: 'variables of other files that hide a missing value, and none that is written otherwise',
    build: one((project) => {
      const base = [
        'services:',
        '  base:',
        '    environment: {A: "${A}", B: $B, C: "${C:?set it}", D: "${D:-d}", E: "$$E", F: 5$}',
        'x-note: "${NOTE-none}"',
      ];
      writing(project, { 'base.yaml': base.join('\n') });
      extending(project, 'app', 'parts/base.yaml');
      const more = 'configs:\n  greeting: {content: "hello ${NAME}"}\n';
      including(project, ['more.yaml'], [new ForeignFile('more.yaml', 'a person', more)]);
    }),
    faults: [
      ['shop/services/app', /^environment\/A holds a variable in another form than/],
      ['shop/services/app', /^environment\/B holds a variable in another form than/],
      ['shop', /^configs\/greeting\/content holds a variable in another form than/],
    ],
  },
];
