import {
  Build,
  Config,
  ExternalNetwork,
  ExternalVolume,
  ForeignFile,
  mountHostDirectory,
  mountVolume,
  Network,
  OneShot,
  PlainReference,
  raw,
  Service,
  Volume,
} from '../../../compose';
import { longRunning, plain } from './example';
import { allowing, faultOfEach, reason, services } from './on-the-host';
import { one, untyped, type RuleCase } from './rule-case';

export const hostPathCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-107',
    title: 'two projects of one name',
    build: () => [untyped(), untyped('other'), untyped()],
    faults: [['shop', /^there is another project "shop" on the host$/]],
  },
  {
    code: 'COMPOSE-306',
    title: 'a volume and a network that two projects make',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      for (const project of [shop, other]) {
        const networks = [
          new Network(project, 'joined', { name: 'shop_net' }),
          new ExternalNetwork(project, 'edge', { name: 'edge' }),
        ];
        const mounts = [
          mountVolume(new Volume(project, 'data', { name: 'data' }), '/data'),
          mountVolume(new ExternalVolume(project, 'more', { name: 'more' }), '/more'),
        ];
        new Service(project, project.name, { ...longRunning, networks, mounts });
      }
      new Service(shop, 'net', { ...longRunning, networks: [new Network(shop, 'net')] });
      return [shop, other];
    },
    faults: [
      ['shop/networks/net', /^the network shop_net of the host is made by shop\/networks\/joined already$/],
      [
        'other/networks/joined',
        /^the network shop_net of the host is made by shop\/networks\/joined already$/,
      ],
      ['other/volumes/data', /^the volume data of the host is made by shop\/volumes\/data already$/],
    ],
  },
  {
    code: 'COMPOSE-307',
    title: 'external networks and volumes that nobody makes',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      const networks = ['other_own', 'known', 'nobodys'].map(
        (name) => new ExternalNetwork(shop, name, { name }),
      );
      const mounts = ['known', 'nobodys'].map((name) =>
        mountVolume(new ExternalVolume(shop, name, { name }), `/${name}`),
      );
      new Service(shop, 'app', { ...longRunning, networks, mounts });
      new Service(other, 'app', { ...longRunning, networks: [new Network(other, 'own')] });
      return { projects: [shop, other], elsewhere: { networks: ['known'], volumes: ['known'] } };
    },
    faults: [
      ['shop/networks/nobodys', /^nobody makes the network nobodys of the host$/],
      ['shop/volumes/nobodys', /^nobody makes the volume nobodys of the host$/],
    ],
  },
  {
    code: 'COMPOSE-506',
    title: 'the engine’s socket and the machine’s folders in whatever words',
    build: one((project) => {
      services(project, [
        { volumes: ['/var//run/./docker.sock:/s'] },
        { volumes: ['/srv/../run/containerd/containerd.sock:/s'] },
        { volumes: ['../../../../var/run/docker.sock:/s'] },
        { volumes: [{ type: 'bind', source: '/run/user/1000/docker.sock', target: '/s' }] },
        { volumes: ['~/.ssh:/s', '/etc/ssh/../ssl/certs:/sound'] },
        { volumes: ['/dev/disk/by-id/s3cr3t:/s'] },
        { extends: { service: 'way0' } },
        { volumes_from: ['way1:ro'] },
        { use_api_socket: 'yes' },
      ]);
    }),
    faults: faultOfEach([
      /^it mounts \/run\/docker\.sock of the host, and the project does not allow it "engine-socket"$/,
      /^it mounts \/run\/containerd of the host, and/,
      /^it mounts \/run\/docker\.sock of the host, and/,
      /^it mounts \/run\/docker of the host, and/,
      /^it mounts \/root of the host, and .* "host-files"$/,
      /^it mounts \/dev of the host, and .* "host-files"$/,
      /^it mounts \/run\/docker\.sock of the host, and/,
      /^it mounts \/run\/containerd of the host, and/,
      /^it gets the Docker engine's socket, and/,
    ]),
  },
  {
    code: 'COMPOSE-506',
    title: 'the same behind a volume, a config, a secret and a build',
    build: () => {
      const project = allowing('engine-socket');
      const volume = (name: string, driverOptions: Readonly<Record<string, string>>): Volume =>
        new Volume(project, name, { name: `shop_${name}`, driverOptions });
      const mounted = [
        volume('bound', { type: 'none', o: 'bind', device: '/var/run/docker.sock' }),
        volume('layered', {
          type: 'overlay',
          o: 'lowerdir=/etc,upperdir=/srv/u,workdir=/srv/w',
          device: 'overlay',
        }),
        volume('disk', { type: 'ext4', device: '/dev/sda1' }),
        volume('shared', { type: 'cifs', device: '//files.test/run', o: 'username=a' }),
        volume('served', { type: 'nfs', device: ':/etc', o: 'addr=10.0.0.1' }),
        volume('kept', { type: 'none', o: 'bind', device: '/srv/data' }),
      ].map((each) => mountVolume(each, `/${each.name}`));
      new Service(project, 'volumes', { ...longRunning, mounts: mounted });
      const file = new ForeignFile('/var/run/docker.sock', 'Docker');
      new Service(project, 'config', { ...longRunning, configs: [new Config(project, 'config', { file })] });
      new Service(project, 'allowed', { ...longRunning, configs: [new Config(project, 'other', { file })] });
      const context = new ForeignFile('/', 'the machine');
      new OneShot(project, 'built', { ...plain, image: new Build({ context, tag: 'a:1' }) });
      return [project];
    },
    faults: [
      ['shop/services/volumes', /^a volume that it mounts is \/run\/docker\.sock of the host, and/],
      ['shop/services/volumes', /^a volume that it mounts is \/etc of the host, and .* "host-files"$/],
      ['shop/services/volumes', /^a volume that it mounts is \/dev of the host, and/],
      ['shop/services/config', /^a config or secret of it is \/run\/docker\.sock of the host, and/],
      ['shop/services/built', /^it is built from \/ of the host, and/],
    ],
  },
  {
    code: 'COMPOSE-506',
    title: 'paths of the host behind a volume’s options in whatever words, and none of another machine',
    build: one((project) => {
      const from = project;
      const ways: readonly Readonly<Record<string, string | PlainReference>>[] = [
        { type: 'none', o: 'bind', device: '../../../etc' },
        { type: 'none', o: 'bind,ro', device: 'etc' },
        { type: 'none', o: 'rbind', device: '~/.ssh' },
        { type: 'nfs', o: 'bind', device: '//var/run/docker.sock' },
        { type: 'proc', device: 'proc' },
        { type: 'sysfs', device: 'any:/x' },
        { type: 'devtmpfs', device: 'udev' },
        { type: 'cgroup2', device: 'any' },
        { type: 'overlay', o: 'lowerdir=srv/a:e\\tc/shadow,upperdir=/srv/u', device: 'overlay' },
        { type: 'xfs', device: 'dev/sda1' },
        { type: 'none', o: 'bind', device: new PlainReference('DIRECTORY', 'set it') },
        { type: 'nfs', o: new PlainReference('OPTIONS', 'set it'), device: '/etc' },
        { type: 'nfs4', o: 'addr=files.test,rw', device: ':/etc' },
        { type: 'cifs', o: 'unc=//files.test/run,username=a', device: '//files.test/run' },
        { type: 'tmpfs', o: 'size=1m', device: 'dev' },
        { type: 'none', o: 'bind,ro', device: '/srv/data' },
      ];
      ways.forEach((driverOptions, index) => {
        const volume = new Volume(from, `v${index}`, { name: `shop_v${index}`, driverOptions });
        new Service(from, `way${index}`, { ...longRunning, mounts: [mountVolume(volume, '/data')] });
      });
      const driver = { driver: 'local', driver_opts: { type: 'none', o: 'bind', device: '/etc' } };
      Object.assign(project, { raw: raw({ volumes: { raw: driver } }, reason) });
      new Service(project, 'way16', { ...longRunning, raw: raw({ volumes: ['raw:/data:ro'] }, reason) });
    }),
    faults: (
      [
        [0, '\\/etc'],
        [1, '\\/etc'],
        [2, '\\/root'],
        [3, '\\/run\\/docker\\.sock'],
        [4, '\\/proc'],
        [5, '\\/sys'],
        [6, '\\/dev'],
        [7, '\\/sys'],
        [8, '\\/etc\\/shadow'],
        [9, '\\/dev'],
        [10, 'a path that a variable names, and'],
        [11, '\\/etc'],
        [16, '\\/etc'],
      ] as const
    ).map(([index, what]) => [
      `shop/services/way${index}`,
      new RegExp(`^a volume that it mounts is ${what.startsWith('a') ? what : `${what} of the host, and`}`),
    ]),
  },
  {
    code: 'COMPOSE-506',
    title: 'sockets that give orders to the host, keys and what runs by itself, read-only as they are',
    build: one((project) => {
      const paths = ['/run/dbus', '/var/run/systemd/private', '/run/user/1000/bus', '/run/snapd.socket']
        .concat(['/home/deploy/.ssh', '../../home/deploy', '/etc/ssl/private', '/etc/ssl'])
        .concat(['/etc/crontab', '/etc/cron.daily', '/var/spool/cron/crontabs'])
        .concat(['/home/deploy/data', '/run/postgresql', '/run/busy', '/etc/ssl/certs', '/var/spool/mine']);
      services(
        project,
        paths.map((path) => ({ volumes: [`${path}:/x:ro`] })),
      );
      const taking = { volumes_from: ['container:other:ro'] };
      new Service(project, 'taking', { ...longRunning, raw: raw(taking, reason) });
      const second = { volumes_from: ['taking'] };
      new Service(project, 'second', { ...longRunning, raw: raw(second, reason) });
    }),
    faults: [
      ...faultOfEach([
        /^it mounts \/run\/dbus of the host, and the project does not allow it "host-files"$/,
        /^it mounts \/run\/systemd of the host, and/,
        /^it mounts \/run\/bus of the host, and/,
        /^it mounts \/run\/snapd of the host, and/,
        /^it mounts the \.ssh of a user of the host, and/,
        /^it mounts the home of a user of the host, and/,
        /^it mounts \/etc\/ssl\/private of the host, and/,
        /^it mounts \/etc\/ssl of the host, and/,
        /^it mounts \/etc\/crontab of the host, and/,
        /^it mounts \/etc\/cron\.daily of the host, and/,
        /^it mounts \/var\/spool\/cron of the host, and/,
      ]),
      ...(['taking', 'second'] as const).map(
        (name) =>
          [
            `shop/services/${name}`,
            /^it takes over the mounts of a container outside of the project, perhaps \/ of the host, and .* "host-files"$/,
          ] as const,
      ),
    ],
  },
  {
    code: 'COMPOSE-507',
    title: 'a seccomp profile that nobody writes',
    build: one((project) => {
      services(project, [
        { security_opt: ['seccomp=./absent.json'] },
        { security_opt: ['seccomp:missing.json', 'seccomp=builtin', 'seccomp=unconfined'] },
      ]);
      const theirs = [new ForeignFile('theirs.json', 'a person')];
      const entries = { security_opt: ['seccomp=theirs.json'] };
      new Service(project, 'named', { ...longRunning, raw: raw(entries, reason, theirs) });
    }),
    faults: faultOfEach([/^the file absent\.json is not one/, /^the file missing\.json is not one/]),
  },
  {
    code: 'COMPOSE-507',
    title: 'files that raw entries name and nobody writes, and nothing where somebody is named',
    build: one((project) => {
      const theirs = [new ForeignFile('theirs', 'a person'), new ForeignFile('./more.env', 'a person')];
      const entries = { env_file: 'more.env', volumes: ['./theirs/a:/a', '/srv/data:/b:ro', 'named:/c'] };
      new Service(project, 'named', { ...longRunning, raw: raw(entries, reason, theirs) });
      services(project, [
        { env_file: ['missing.env', { path: 'maybe.env', required: false }] },
        { volumes: ['./missing:/y', { type: 'bind', source: 'absent', target: '/z' }] },
        { label_file: 'labels' },
        { build: { context: './src', additional_contexts: ['more=../more', 'image=docker-image://a'] } },
      ]);
      Object.assign(project, {
        raw: raw({ configs: { loose: { file: './loose' } } }, reason),
      });
    }),
    faults: [
      ['shop', /^the file loose is not one that the project writes; say who does with a ForeignFile$/],
      ...['missing.env', 'missing', 'absent', 'labels', 'src', '../more'].map(
        (path, index) =>
          [
            `shop/services/way${[0, 1, 1, 2, 3, 3][index] ?? ''}`,
            new RegExp(`^the file ${path.replaceAll('.', '\\.')} is not one`),
          ] as const,
      ),
    ],
  },
  {
    code: 'COMPOSE-510',
    title: 'directories of the host that a service writes to',
    build: () => {
      const project = allowing('host-state');
      const writable = { writable: true };
      const mounts = [mountHostDirectory('/srv/data', '/data', writable)];
      new Service(project, 'typed', { ...longRunning, mounts });
      new Service(project, 'allowed', { ...longRunning, mounts });
      new Service(project, 'reader', { ...longRunning, mounts: [mountHostDirectory('/srv/data', '/data')] });
      const volumes = ['/srv/a:/a', '/srv/b:/b:ro', '/srv/c:/c:rw,z'];
      new Service(project, 'raw', { ...longRunning, raw: raw({ volumes }, reason) });
      const bound = (name: string, o: string, device = '/srv/data') =>
        new Volume(project, name, { name: `shop_${name}`, driverOptions: { type: 'none', o, device } });
      const behind = [bound('written', 'bind'), bound('own', 'bind', './data'), bound('seen', 'bind,ro')];
      const served = { type: 'nfs', o: 'addr=files.test', device: ':/srv/data' };
      const far = new Volume(project, 'far', { name: 'shop_far', driverOptions: served });
      new Service(project, 'volumes', {
        ...longRunning,
        mounts: [...behind, far].map((each) => mountVolume(each, `/${each.name}`)),
      });
      const elsewhere: readonly Readonly<Record<string, string>>[] = [
        { type: 'cifs', o: 'credentials=/etc/c', device: '//files.test/x' },
        { type: 'fuse.sshfs', o: 'IdentityFile=/srv/key', device: 'u@files.test:/x' },
        { type: 'lustre', device: 'files.test@tcp:/x' },
        { type: 'beegfs', device: 'files.test:/x' },
        { type: 'ext4', device: 'LABEL=x' },
        { type: 'ext4', device: 'UUID=0a-1b' },
        { type: 'overlay', o: 'lowerdir=/srv/l,upperdir=/srv/u,workdir=/srv/w', device: 'overlay' },
      ];
      elsewhere.forEach((driverOptions, index) => {
        const volume = new Volume(project, `e${index}`, { name: `shop_e${index}`, driverOptions });
        new Service(project, `else${index}`, { ...longRunning, mounts: [mountVolume(volume, '/else')] });
      });
      new Service(project, 'taking', { ...longRunning, raw: raw({ volumes_from: ['typed'] }, reason) });
      return [project];
    },
    faults: [
      [
        'shop/services/typed',
        /^it writes to a directory of the host, at \/data, and the project does not allow it "host-state"$/,
      ],
      ['shop/services/raw', /^it writes to a directory of the host, at \/a, and/],
      ['shop/services/raw', /^it writes to a directory of the host, at \/c, and/],
      ['shop/services/volumes', /^it writes to a directory of the host, at \/written, and/],
      ['shop/services/volumes', /^it writes to a directory of the host, at \/own, and/],
      ['shop/services/else6', /^it writes to a directory of the host, at \/else, and/],
      ['shop/services/taking', /^it writes to a directory of the host, at \/data, and/],
    ],
  },
  {
    code: 'COMPOSE-511',
    title: 'directories of the host that two projects write to, by whatever way',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      const writable = (...paths: readonly string[]) =>
        paths.map((path, index) => mountHostDirectory(path, `/data${index}`, { writable: true }));
      new Service(shop, 'first', {
        ...longRunning,
        mounts: writable('/srv/same', '/srv/outer', '/srv/a/deep'),
      });
      // Within a project, and beside it, nothing is wrong.
      new Service(shop, 'second', { ...longRunning, mounts: writable('/srv/same') });
      new Service(other, 'beside', {
        ...longRunning,
        mounts: [mountHostDirectory('/srv/same', '/data'), ...writable('/srv/samezzz', '/srv/outerz')],
      });
      new Service(other, 'typed', { ...longRunning, mounts: writable('/srv/same', '/srv/outer/inner') });
      new Service(other, 'raw', { ...longRunning, raw: raw({ volumes: ['/srv//x/../a/:/data:z'] }, reason) });
      const bound = new Volume(other, 'bound', {
        name: 'bound',
        driverOptions: { type: 'none', o: 'bind', device: '/srv/same' },
      });
      const readOnly = new Volume(other, 'seen', {
        name: 'seen',
        driverOptions: { type: 'none', o: 'bind,ro', device: '/srv/same' },
      });
      const mounts = [mountVolume(bound, '/bound'), mountVolume(readOnly, '/seen')];
      new Service(other, 'volume', { ...longRunning, mounts });
      new Service(other, 'from', { ...longRunning, raw: raw({ volumes_from: ['typed:ro'] }, reason) });
      return [shop, other];
    },
    faults: [
      [
        'other/services/typed',
        /^it writes to \/srv\/same of the host, and shop\/services\/first writes too$/,
      ],
      [
        'other/services/typed',
        /^it writes to \/srv\/outer\/inner of the host, and shop\/services\/first writes to \/srv\/outer too$/,
      ],
      [
        'other/services/raw',
        /^it writes to \/srv\/a of the host, and shop\/services\/first writes to \/srv\/a\/deep too$/,
      ],
      [
        'other/services/volume',
        /^it writes to \/srv\/same of the host, and shop\/services\/first writes too$/,
      ],
    ],
  },
];
