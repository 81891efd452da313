import { engineFaults, parseEngineFacts, type EngineFacts } from '../../../sandbox/engine-facts';

const info = {
  ServerVersion: '20.10.24+dfsg1',
  OSType: 'linux',
  OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
  CgroupVersion: '2',
  MemoryLimit: true,
  Driver: 'overlay2',
  DockerRootDir: '/var/lib/docker',
  SecurityOptions: ['name=seccomp,profile=default'],
};

const facts = (changed: Partial<EngineFacts>): EngineFacts => ({
  ...parseEngineFacts(JSON.stringify(info))!,
  ...changed,
});

describe('what an engine says of itself', () => {
  it('is read from docker info', () => {
    expect(parseEngineFacts(JSON.stringify(info))).toEqual({
      version: '20.10.24+dfsg1',
      os: 'linux',
      operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
      cgroupVersion: 2,
      memoryLimit: true,
      storageDriver: 'overlay2',
      dataRoot: '/var/lib/docker',
      rootless: false,
      remapsUsers: false,
    });
  });

  it('includes whether it runs rootless or maps users', () => {
    const options = ['name=seccomp,profile=default', 'name=rootless', 'name=userns'];
    expect(parseEngineFacts(JSON.stringify({ ...info, SecurityOptions: options }))).toMatchObject({
      rootless: true,
      remapsUsers: true,
    });
  });

  it.each(['', 'null', '[]', '{"ServerErrors":["Cannot connect"]}', 'not json'])(
    'is undefined when no engine stands behind the answer %j',
    (json) => {
      expect(parseEngineFacts(json)).toBeUndefined();
    },
  );
});

describe('an engine', () => {
  it.each(['20.10.0', '20.10.24+dfsg1', '23.0.1', '28.2.2', '29.0.0-rc.1'])(
    'of version %s will do',
    (version) => {
      expect(engineFaults(facts({ version }))).toEqual([]);
    },
  );

  it.each(['19.03.15', '1.13.1', '20.9.0', '4.3.1'])('of version %s is too old', (version) => {
    expect(engineFaults(facts({ version }))).toEqual([
      `its version is ${version}; needed is Docker 20.10 or newer`,
    ]);
  });

  it('has all its faults listed at once', () => {
    const faults = engineFaults(
      facts({ version: '19.03.15', os: 'windows', rootless: true, operatingSystem: 'Docker Desktop' }),
    );
    expect(faults).toHaveLength(4);
    expect(faults[1]).toContain('it runs windows');
    expect(faults[2]).toContain('rootless');
    expect(faults[3]).toContain('Docker Desktop');
  });
});
