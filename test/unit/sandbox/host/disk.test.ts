import { load } from 'js-yaml';
import { diskFiles, metaData, type DiskSpec } from '../../../../sandbox/host/disk';
import type { ArchiveFile } from '../../../../sandbox/host/archive';

const disk: DiskSpec = {
  worldId: '0123abcd',
  serverId: 811000,
  hostname: 'preview-cogni',
  diskGeneration: 1,
  authorizedKeys: ['ssh-ed25519 AAAAC3 deploy "quoted" key', 'ssh-rsa AAAAB3'],
  userData: '#cloud-config\nruncmd: []\n',
  authority: '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----',
  dns: '10.1.2.2',
  faults: [],
};

const file = (path: string, of: DiskSpec = disk): ArchiveFile | undefined =>
  diskFiles(of).find((one) => one.path === path);

describe("a host's disk before its first boot", () => {
  it('holds the user-data as it came, readable by root only', () => {
    expect(file('var/lib/cloud/seed/nocloud/user-data')).toEqual({
      path: 'var/lib/cloud/seed/nocloud/user-data',
      content: disk.userData,
      mode: 0o600,
    });
  });

  it('holds empty user-data when none was given, since cloud-init wants the file', () => {
    expect(file('var/lib/cloud/seed/nocloud/user-data', { ...disk, userData: undefined })).toMatchObject({
      content: '',
    });
  });

  it('holds meta-data with host name and keys that a YAML parser reads', () => {
    expect(load(metaData(disk))).toEqual({
      'instance-id': 'cogni-0123abcd-811000-1',
      'local-hostname': 'preview-cogni',
      'public-keys': disk.authorizedKeys,
    });
  });

  it('has another instance id after each wipe, so that cloud-init runs again', () => {
    expect(metaData({ ...disk, diskGeneration: 2 })).toContain('"cogni-0123abcd-811000-2"');
  });

  it("holds the sandbox's authority where the system's own tool looks for local ones", () => {
    expect(file('usr/local/share/ca-certificates/cogni-sandbox.crt')).toMatchObject({
      content: `${disk.authority}\n`,
      mode: 0o644,
    });
  });

  it("names the sandbox's DNS server", () => {
    expect(file('etc/cogni-sandbox/resolv.conf')).toMatchObject({ content: 'nameserver 10.1.2.2\n' });
  });

  it('has nothing wrong with it unless a fault is armed', () => {
    expect(diskFiles(disk).map((one) => one.path)).toHaveLength(4);
  });

  it('takes packages from the broken repository for "broken-package"', () => {
    expect(file('etc/apt/sources.list', { ...disk, faults: ['broken-package'] })).toMatchObject({
      content: expect.stringContaining('/broken-packages') as string,
    });
  });

  it('is small and filled for "full-disk"', () => {
    const full: DiskSpec = { ...disk, faults: ['full-disk'] };
    expect(file('etc/cogni-sandbox/disk-size', full)).toMatchObject({ content: '16m\n' });
    expect(file('etc/systemd/system/multi-user.target.wants/other-data.service', full)).toBeDefined();
    // Or what is left would be journald's, and not even cloud-init would come to its end.
    expect(file('etc/systemd/journald.conf.d/sandbox.conf', full)).toMatchObject({
      content: '[Journal]\nStorage=volatile\n',
    });
  });

  it('starts another web server for "ports-taken"', () => {
    const taken: DiskSpec = { ...disk, faults: ['ports-taken'] };
    expect(file('etc/systemd/system/sockets.target.wants/other-web-server.socket', taken)).toBeDefined();
  });

  it('has every armed fault at once', () => {
    const all: DiskSpec = { ...disk, faults: ['broken-package', 'full-disk', 'ports-taken'] };
    expect(diskFiles(all)).toHaveLength(9);
  });
});
