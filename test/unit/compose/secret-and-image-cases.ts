import {
  Build,
  Config,
  ForeignFile,
  PassThrough,
  PlainReference,
  Secret,
  SecretReference,
  Service,
  raw,
  type Raw,
} from '../../../compose';
import { longRunning } from './example';
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
        raw: anyRaw({ command: ['login', password], labels: { t: password } }),
        configs: [new Config(project, 'config', { content: 'x', raw: anyRaw({ content: password }) })],
      });
      new Service(project, 'listed', { ...longRunning, raw: anyRaw({ environment: [password] }) });
      Object.assign(project, {
        raw: anyRaw({ 'x-a': password, services: { ghost: { working_dir: password } } }),
      });
    }),
    faults: [
      ['shop/services/app', /^the secret TOKEN stands at services\/app\/build\/args\/TOKEN$/],
      ['shop/services/app', /^the secret PASSWORD stands at services\/app\/command\/1$/],
      ['shop/services/app', /^the secret PASSWORD stands at services\/app\/labels\/t$/],
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
];
