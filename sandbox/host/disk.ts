import type { MachineFault, MachineSpec } from '../emulator/machines';
import type { ArchiveFile } from './archive';

/** Everything that decides what is on a host's disk before its first boot, its image apart. */
export interface DiskSpec extends Pick<
  MachineSpec,
  'serverId' | 'hostname' | 'authorizedKeys' | 'userData' | 'faults'
> {
  /** Identifies the sandbox in the instance id. */
  readonly worldId: string;
  /** One more with each wipe, so that cloud-init takes the machine for a new one. */
  readonly diskGeneration: number;
  /** Certificate of the sandbox's authority, PEM. */
  readonly authority: string;
  /** Address of the DNS server that it asks. */
  readonly dns: string;
}

/** Where cloud-init's NoCloud data source looks (cloud-init, "NoCloud", "seeded from the file system"). */
const seed = 'var/lib/cloud/seed/nocloud';
const units = 'usr/lib/systemd/system';

/** The files that make a container of the host image this one machine. */
export function diskFiles(disk: DiskSpec): readonly ArchiveFile[] {
  return [
    // cloud-init takes an empty document for "nothing to do".
    { path: `${seed}/user-data`, content: disk.userData ?? '', mode: 0o600 },
    { path: `${seed}/meta-data`, content: metaData(disk), mode: 0o600 },
    { path: 'etc/cogni-sandbox/resolv.conf', content: `nameserver ${disk.dns}\n`, mode: 0o644 },
    {
      path: 'usr/local/share/ca-certificates/cogni-sandbox.crt',
      content: `${disk.authority.trimEnd()}\n`,
      mode: 0o644,
    },
    ...disk.faults.flatMap((fault) => faultFiles[fault]),
  ];
}

/** The instance's meta-data; JSON, which is YAML as well. */
export const metaData = (disk: DiskSpec): string =>
  `${JSON.stringify(
    {
      'instance-id': `cogni-${disk.worldId}-${disk.serverId}-${disk.diskGeneration}`,
      'local-hostname': disk.hostname,
      'public-keys': disk.authorizedKeys,
    },
    undefined,
    2,
  )}\n`;

/** What makes each fault real. The programs and the packages that they need are in the host image. */
const faultFiles: Readonly<Record<MachineFault, readonly ArchiveFile[]>> = {
  'broken-package': [
    {
      path: 'etc/apt/sources.list',
      content: 'deb [trusted=yes] file:/usr/lib/cogni-sandbox/broken-packages ./\n',
      mode: 0o644,
    },
  ],
  'full-disk': [
    { path: 'etc/cogni-sandbox/disk-size', content: '16m\n', mode: 0o644 },
    {
      // journald takes half a mebibyte at once for each file that it begins: all that is left, when somebody logs in
      // at the wrong moment.
      path: 'etc/systemd/journald.conf.d/sandbox.conf',
      content: '[Journal]\nStorage=volatile\n',
      mode: 0o644,
    },
    {
      path: 'etc/systemd/system/multi-user.target.wants/other-data.service',
      link: `/${units}/other-data.service`,
    },
  ],
  'ports-taken': [
    {
      path: 'etc/systemd/system/sockets.target.wants/other-web-server.socket',
      link: `/${units}/other-web-server.socket`,
    },
  ],
};
