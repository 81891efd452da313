import { Config, Model, OneShot, PlainReference, raw, Secret, Service } from '../../../compose';
import { image, longRunning, plain } from './example';
import { one, type RuleCase } from './rule-case';

const reason = 'the test says so';
const rawly = (entries: Parameters<typeof raw>[0]) => ({ ...longRunning, raw: raw(entries, reason) });
const optionally = (on: string) => ({
  depends_on: { [on]: { condition: 'service_started', required: false } },
});

/** What services wait for, and what they have of the project's sections, by raw entries too. */
export const waitingAndUseCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-202',
    title: 'a config, a secret and a model that nobody uses',
    build: one((project) => {
      const from = new PlainReference('CONTENT', 'set it');
      new Config(project, 'config', { content: from });
      new Secret(project, 'secret', { file: '/run/secret' });
      new Model(project, 'model', { model: image('registry.test/model') });
    }),
    faults: ['configs/config', 'secrets/secret', 'models/model'].map((path) => [
      `shop/${path}`,
      /^no service uses it$/,
    ]),
  },
  {
    code: 'COMPOSE-202',
    title: 'what raw entries declare and nobody uses, and nothing that a service, a build or Windows has',
    build: one((project) => {
      const entries = {
        networks: { default: {}, joined: {}, gn: {} },
        volumes: { mounted: {}, ghost: {} },
        configs: { granted: { content: 'x' }, account: { content: 'x' }, cn: { content: 'x' } },
        secrets: { given: { environment: 'A' }, built: { environment: 'A' }, sn: { environment: 'A' } },
        models: { known: { model: image() }, mn: { model: image() } },
      };
      Object.assign(project, { raw: raw(entries, reason) });
      const used = {
        network_mode: undefined,
        networks: ['joined'],
        volumes: ['mounted:/data'],
        configs: ['granted'],
        secrets: ['given'],
        models: ['known'],
        credential_spec: { config: 'account' },
        build: { context: 'https://git.test/a.git', secrets: ['built'] },
      };
      new Service(project, 'app', rawly(used));
      new Service(project, 'names-none', rawly({ network_mode: undefined }));
    }),
    faults: ['networks/gn', 'volumes/ghost', 'configs/cn', 'secrets/sn', 'models/mn'].map((what) => [
      'shop',
      new RegExp(`^no service uses ${what}$`),
    ]),
  },
  {
    code: 'COMPOSE-203',
    title:
      'sharing the memory of a service that is only there with a profile, and nothing that it may go without',
    build: one((project) => {
      new Service(project, 'rare', rawly({ profiles: ['setup'] }));
      new Service(project, 'shares', rawly({ ipc: 'service:rare' }));
      new Service(project, 'may', rawly(optionally('rare')));
    }),
    faults: [['shop/services/shares', /^it waits for rare, which is there only with setup$/]],
  },
  {
    code: 'COMPOSE-207',
    title: 'circles that no service needs, and those of shared memory',
    build: one((project) => {
      new Service(project, 'a', rawly(optionally('b')));
      new Service(project, 'b', rawly({ depends_on: ['a'] }));
      new Service(project, 'self', rawly(optionally('self')));
      new OneShot(project, 'shared', { ...plain, raw: raw({ ipc: 'service:shared' }, reason) });
    }),
    faults: [
      ['shop/services/a', /^it waits for itself: a -> b -> a$/],
      ['shop/services/self', /^it waits for itself: self -> self$/],
      ['shop/services/shared', /^it waits for itself: shared -> shared$/],
    ],
  },
  {
    code: 'COMPOSE-208',
    title: 'services that nobody declares, which it may go without or whose memory it shares',
    build: one((project) => {
      new Service(project, 'may', rawly(optionally('maybe')));
      new Service(project, 'shares', rawly({ ipc: 'service:nobody' }));
    }),
    faults: [
      ['shop/services/may', /^it names the service "maybe", which the project does not declare$/],
      ['shop/services/shares', /^it names the service "nobody", which the project does not declare$/],
    ],
  },
];
