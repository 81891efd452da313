import {
  Bytes,
  Config,
  Duration,
  Healthcheck,
  Network,
  PassThrough,
  PlainReference,
  Port,
  raw,
  Service,
  text,
  whenStarted,
} from '../../../compose';
import { healthy, longRunning } from './example';
import { one, type RuleCase } from './rule-case';

const reason = 'the test says so';

export const healthAndRawCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-106',
    title: 'keys and values that readers take for different things',
    build: one((project) => {
      new Service(project, 'app', {
        ...longRunning,
        labels: { a$b: 'x', ['k'.repeat(101)]: 'x', half: '\uD800' },
        raw: raw({ 'x-number': 1e300, 'x-list': [Number.NaN, 0.5, 3] }, reason),
      });
    }),
    faults: [
      ['shop/services/app', /^the key "a\$b" holds a \$/],
      ['shop/services/app', /^the key "k{40}…" has 101 characters: 100 are allowed$/],
      ['shop/services/app', /^the text under "half" holds half of a surrogate pair$/],
      ['shop/services/app', /^the number under "x-number" is 1e\+300: write it as text$/],
      ['shop/services/app', /^the number under "x-list" is NaN/],
    ],
  },
  {
    code: 'COMPOSE-206',
    title: 'a start period shorter than others wait',
    build: one((project) => {
      const waitBudget = Duration.minutes(2);
      new Service(project, 'slow', { ...longRunning, healthcheck: healthy({ waitBudget }) });
      const patient = healthy({ startPeriod: Duration.minutes(2), waitBudget });
      new Service(project, 'patient', { ...longRunning, healthcheck: patient });
      new Service(project, 'alone', { ...longRunning, healthcheck: healthy() });
    }),
    faults: [['shop/services/slow', /^its start period is 30s, and others wait for it up to 2m$/]],
  },
  {
    code: 'COMPOSE-207',
    title: 'circles of waiting, by whatever way, and each of them once',
    build: one((project) => {
      const a = new Service(project, 'a', {
        ...longRunning,
        raw: raw({ network_mode: 'service:c' }, reason),
      });
      const b = new Service(project, 'b', { ...longRunning, dependsOn: [whenStarted(a)] });
      const c = new Service(project, 'c', { ...longRunning, dependsOn: [whenStarted(b)] });
      new Service(project, 'self', { ...longRunning, raw: raw({ links: ['self:me'] }, reason) });
      new Service(project, 'outside', { ...longRunning, dependsOn: [whenStarted(c)] });
    }),
    faults: [
      ['shop/services/a', /^it waits for itself: a -> c -> b -> a$/],
      ['shop/services/self', /^it waits for itself: self -> self$/],
    ],
  },
  {
    code: 'COMPOSE-208',
    title: 'names that nobody declares, in short forms and long ones',
    build: one((project) => {
      const entries = {
        depends_on: { db: { condition: 'service_started' } },
        networks: ['internal'],
        volumes: ['data:/data', './here:/here', { type: 'volume', source: 'more', target: '/more' }],
        configs: ['settings'],
        secrets: [{ source: 'token' }],
        models: ['smart'],
      };
      new Service(project, 'app', { ...longRunning, raw: raw(entries, reason) });
    }),
    faults: ['service "db"', 'network "internal"', 'volume "data"', 'volume "more"', 'config "settings"']
      .concat(['secret "token"', 'model "smart"'])
      .map((what) => [
        'shop/services/app',
        new RegExp(`^it names the ${what}, which the project does not declare$`),
      ]),
  },
  {
    code: 'COMPOSE-209',
    title: 'waiting for the health of what has no healthcheck',
    build: one((project) => {
      new Service(project, 'without', { ...longRunning });
      new Service(project, 'off', { ...longRunning, healthcheck: 'disabled' });
      const word = raw({ healthcheck: { test: ['CMD', 'true'], disable: 'yes' } }, reason);
      new Service(project, 'worded', { ...longRunning, raw: word });
      new Service(project, 'none', { ...longRunning, raw: raw({ healthcheck: { test: ['NONE'] } }, reason) });
      const on = { condition: 'service_healthy' };
      new Service(project, 'app', {
        ...longRunning,
        raw: raw({ depends_on: { without: on, off: on, worded: on, none: on } }, reason),
      });
    }),
    faults: ['without', 'off', 'worded', 'none'].map((name) => [
      'shop/services/app',
      new RegExp(`^it waits for ${name} to be healthy, which has no healthcheck$`),
    ]),
  },
  {
    code: 'COMPOSE-801',
    title: 'raw entries that the specification does not know',
    build: one((project) => {
      Object.assign(project, { raw: raw({ servicse: {} }, reason) });
      new Service(project, 'app', {
        ...longRunning,
        raw: raw({ links: 'db', credential_spec: { file: 1 } }, reason),
      });
    }),
    faults: [
      ['shop/services/app', /^services\/app\/credential_spec\/file: /],
      ['shop/services/app', /^services\/app\/links: /],
      ['shop', /servicse/],
    ],
  },
  {
    code: 'COMPOSE-802',
    title: 'raw entries without a reason',
    build: one((project) => {
      new Network(project, 'internal', { raw: raw({ 'x-a': 1 }, ' ') });
      new Service(project, 'app', {
        ...longRunning,
        environment: { A: new PassThrough('A', false) },
        raw: raw({ 'x-a': 1 }, ''),
        deployment: { raw: raw({ 'x-a': 1 }, 'sound') },
      });
    }),
    faults: [
      ['shop/services/app', /^its raw entries have no reason$/],
      ['shop/networks/internal', /^its raw entries have no reason$/],
    ],
  },
  {
    code: 'COMPOSE-205',
    title: 'a check at the start without an interval',
    build: one((project) => {
      const healthcheck = new Healthcheck(['true'], {
        ...healthy().props,
        startInterval: Duration.milliseconds(0),
      });
      new Service(project, 'app', { ...longRunning, memory: Bytes.mebibytes(64), healthcheck });
    }),
    faults: [['shop/services/app', /^the interval of its healthcheck at the start is 0$/]],
  },
  {
    code: 'COMPOSE-205',
    title: 'a check that runs nothing',
    build: one((project) => {
      const { props } = healthy();
      new Service(project, 'shell', { ...longRunning, healthcheck: Healthcheck.shell(' ', props) });
      new Service(project, 'program', { ...longRunning, healthcheck: new Healthcheck([''], props) });
      const testing = (name: string, test: string | readonly string[]): Service =>
        new Service(project, name, { ...longRunning, raw: raw({ healthcheck: { test } }, reason) });
      testing('text', '');
      testing('word', ['CMD']);
      testing('none', ['NONE']);
      testing('sound', 'true');
      const line = text`${new PlainReference('LINE', 'set it')}`;
      new Service(project, 'variable', { ...longRunning, healthcheck: Healthcheck.shell(line, props) });
      new Service(project, 'image', {
        ...longRunning,
        raw: raw({ healthcheck: { interval: '5s' } }, reason),
      });
    }),
    faults: ['shell', 'program', 'text', 'word'].map((name) => [
      `shop/services/${name}`,
      /^the test of its healthcheck has no command$/,
    ]),
  },
  {
    code: 'COMPOSE-804',
    title:
      'what Compose refuses though the types or raw entries take it, and nothing of what a variable says',
    build: one((project) => {
      const config = new Config(project, 'config', { content: 'x' });
      const both = new Config(project, 'both', { content: 'x', raw: raw({ environment: 'A' }, reason) });
      new Service(project, 'mode', { ...longRunning, configs: [config.at('/x', { mode: -1 }), both] });
      const port = (address: string): Port => new Port({ host: 80, address });
      new Service(project, 'port', { ...longRunning, ports: [port('localhost')] });
      new Service(project, 'half', { ...longRunning, ports: [port('0')] });
      new Service(project, 'sound', { ...longRunning, ports: [port('::1'), new Port({ host: 53 })] });
      new Service(project, 'limits', {
        ...longRunning,
        deployment: {},
        raw: raw({ mem_limit: '1g', networks: ['default'], network_mode: 'bridge' }, reason),
      });
      ['on-failure:-1', 'on-failure:1.5', 'always:3', 'sometimes'].forEach((restart, index) => {
        new Service(project, `restart${index}`, { ...longRunning, raw: raw({ restart }, reason) });
      });
      for (const restart of ['no', 'always', 'unless-stopped', 'on-failure', 'on-failure:3'] as const)
        new Service(project, restart.replace(':', '-'), { ...longRunning, restart });
      const named = new PlainReference('NAMED', 'set it');
      const asked = {
        stop_grace_period: named,
        restart: named,
        ports: [text`${named}:80`],
        shm_size: named,
        cpus: named,
      };
      new Service(project, 'variable', { ...longRunning, deployment: {}, raw: raw(asked, reason) });
      Object.assign(project, {
        raw: raw({ secrets: { empty: {} }, services: { ghost: { stop_grace_period: 'banana' } } }, reason),
      });
    }),
    faults: [
      ['shop/services/mode', /^configs\/0\/mode must be octal digits: 0444$/],
      ['shop/services/port', /^ports\/0 must be \[address:\]/],
      ['shop/services/half', /^ports\/0 must be \[address:\]/],
      ['shop/services/limits', /^it has both a network_mode and networks: one of them is allowed$/],
      ['shop/services/limits', /^its mem_limit and its deploy\.resources\.limits\.memory differ$/],
      ...[0, 1, 2, 3].map(
        (index) =>
          [
            `shop/services/restart${index}`,
            /^restart must be no, always, unless-stopped, or on-failure, perhaps with a number of tries: on-failure:3$/,
          ] as const,
      ),
      ['shop', /^stop_grace_period must be a length of time with its unit: 1m30s$/],
      [
        'shop/configs/both',
        /^configs\/both has environment and content: one of file, environment, content is/,
      ],
      ['shop', /^secrets\/empty does not say where its content comes from: one of file, environment is/],
    ],
  },
];
