import { ExternalNetwork, Network, PlainReference, raw, Service, text } from '../../../compose';
import { longRunning } from './example';
import { allowing, faultOfEach, reason, services } from './on-the-host';
import { one, type RuleCase } from './rule-case';

export const hostPowerCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-701',
    title: 'devices, capabilities that reach the host, and words that mean yes',
    build: () => {
      const project = allowing('capability:SYS_PTRACE', 'host-devices');
      const taken = { devices: ['/dev/sda'], cap_add: ['cap_sys_ptrace'] };
      new Service(project, 'allowed', { ...longRunning, raw: raw(taken, reason) });
      services(project, [
        taken,
        { devices: ['vendor.test/gpu=0'], device_cgroup_rules: ['c 1:3 r', 'b *:* rwm'] },
        { privileged: 'YES' },
        { device_cgroup_rules: ['c *:* rwm'] },
        { device_cgroup_rules: [' c 10:229 rw'] },
        { device_cgroup_rules: ['a'] },
        { device_cgroup_rules: ['c 1:5 rwm', 'c 136:* rw', 'b *:* m'] },
      ]);
      return [project];
    },
    faults: [
      [
        'shop/services/way0',
        /^it has the capability SYS_PTRACE, and the project does not allow it "capability:SYS_PTRACE"$/,
      ],
      ['shop/services/way0', /^it gets a device of the host, and .* "host-devices"$/],
      ['shop/services/way1', /^it may open devices of the host that a rule names, and .* "host-devices"$/],
      ['shop/services/way2', /^it is privileged, and/],
      ...[3, 4, 5].map(
        (index) =>
          [`shop/services/way${index}`, /^it may open devices of the host that a rule names, and/] as const,
      ),
    ],
  },
  {
    code: 'COMPOSE-701',
    title: 'a command of a watch with all rights, and programs that Compose runs on the host',
    build: () => {
      const project = allowing('host-program');
      new Service(project, 'allowed', { ...longRunning, raw: raw({ provider: { type: 'x' } }, reason) });
      const hook = { command: ['true'], privileged: true } as const;
      const watch = { path: './src', target: '/src', action: 'sync+exec' } as const;
      new Service(project, 'watched', { ...longRunning, watches: [{ ...watch, exec: hook }] });
      const exec = { command: ['true'] };
      services(project, [
        { provider: { type: '/bin/sh' } },
        {
          develop: {
            watch: [
              { ...watch, exec },
              { path: './other', action: 'rebuild' },
            ],
          },
        },
      ]);
      return [project];
    },
    faults: [
      ['shop/services/watched', /^a hook of it is privileged, and .* "privileged"$/],
      [
        'shop/services/way0',
        /^Compose runs a program of the host for it \(provider\), and the project does not allow it "host-program"$/,
      ],
    ],
  },
  {
    code: 'COMPOSE-701',
    title: 'what a variable may make of a namespace, a capability or a profile',
    build: one((project) => {
      const named = new PlainReference('NAMED', 'what it is');
      services(project, [
        { pid: named },
        { cap_add: [named, 'NET_ADMIN'] },
        { security_opt: [text`seccomp:${named}`, 'no-new-privileges:true'] },
      ]);
    }),
    faults: faultOfEach([
      /^its pid is what a variable names, and the project does not allow it "host-namespaces"$/,
      /^it has a capability that a variable names, and .* "privileged"$/,
      /^one of its security_opt is what a variable names, and .* "unconfined"$/,
    ]),
  },
  {
    code: 'COMPOSE-701',
    title: 'namespaces of the host at second hand',
    build: () => {
      const project = allowing('host-namespaces');
      const allowed = { ...longRunning, networks: 'host', processes: 'host', ipc: 'host' } as const;
      const host = new Service(project, 'allowed', allowed);
      const shared = { ...longRunning, networks: host, processes: host, ipc: host };
      const first = new Service(project, 'first', shared);
      new Service(project, 'second', { ...longRunning, processes: first });
      new Service(project, 'sound', { ...longRunning, networks: new Service(project, 'other', longRunning) });
      const named = new ExternalNetwork(project, 'named', { name: 'host' });
      new Service(project, 'joins', { ...longRunning, networks: [named] });
      new Service(project, 'through', { ...longRunning, networks: project.services.at(-1)! });
      const made = new Network(project, 'made', { driver: 'host' });
      new Service(project, 'makes', { ...longRunning, networks: [made.as('a')] });
      services(project, [
        { network_mode: 'container:db' },
        { pid: 'container:db', ipc: 'container:db' },
        { network_mode: 'service:way2' },
      ]);
      return [project];
    },
    faults: [
      [
        'shop/services/first',
        /^its network_mode is that of allowed, which is the host's, and the project does not allow it "host-namespaces"$/,
      ],
      ['shop/services/first', /^its pid is that of allowed, which is the host's, and/],
      ['shop/services/first', /^its ipc is that of allowed, which is the host's, and/],
      [
        'shop/services/second',
        /^its pid is that of first, which is that of allowed, which is the host's, and/,
      ],
      ['shop/services/joins', /^one of its networks is the host's, and/],
      ['shop/services/through', /^its network_mode is that of joins, which is the host's, and/],
      ['shop/services/makes', /^one of its networks is the host's, and/],
      ['shop/services/way0', /^its network_mode is that of a container outside of the project, and/],
      ['shop/services/way1', /^its pid is that of a container outside of the project, and/],
      ['shop/services/way1', /^its ipc is that of a container outside of the project, and/],
    ],
  },
  {
    code: 'COMPOSE-701',
    title: 'builds at the host’s network and devices, and a seccomp profile that may allow everything',
    build: one((project) => {
      const context = './src';
      services(project, [
        { build: { context, network: 'host' } },
        { build: { context, entitlements: ['network.host', 'device=all'] } },
        { build: { context, network: 'none', entitlements: [new PlainReference('RIGHTS', 'set it')] } },
        { security_opt: ['seccomp=./any.json'] },
        { security_opt: ['seccomp=builtin'], build: { context, network: 'default' } },
      ]);
    }),
    faults: [
      ['shop/services/way0', /^its build's network is the host's, and .* "host-namespaces"$/],
      ['shop/services/way1', /^its build's network is the host's, and/],
      ['shop/services/way1', /^its build gets a device of the host, and .* "host-devices"$/],
      [
        'shop/services/way2',
        /^its build has an entitlement that a variable names, and .* "build-privileged"$/,
      ],
      [
        'shop/services/way3',
        /^its seccomp profile is a file, which may allow everything, and .* "unconfined"$/,
      ],
    ],
  },
];
