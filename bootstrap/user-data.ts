import { enrollmentBytes } from './enrollment';
import { hostFiles } from './host-files';
import { hostLayout } from './host-layout';
import { faultsOf, UnfitHostNeeds, userDataLimit, type HostFile, type HostNeeds } from './host-needs';
import { packedScript } from './packed-script';
import { quotedScalar, textScalar } from './yaml';

/**
 * The `#cloud-config` document of a host: a pure function of its needs, byte-identical on every run and machine.
 *
 * A changed byte reinstalls a living host, which wipes its disk, wherever a plan lets it: hence the golden file. A
 * living host is brought to what is rendered today by `cogni host converge` instead. The document ends with its
 * write_files, so that `withEnrollment` can add the token of one machine.
 *
 * Few keys are used, all understood by cloud-init 22.4 (Debian 12) and later (Ubuntu 22.04 and 24.04); the script does
 * the work. The script is the one part that is packed: its bytes are committed as they are, because what a
 * compressor gives differs from one zlib, and even from one processor, to the next
 * (docs/decisions/0006-user-data-limits.md).
 *
 * @throws UnfitHostNeeds with every fault; one over {@link userDataLimit} names the biggest parts
 */
export function renderUserData(needs: HostNeeds): string {
  const faults = faultsOf(needs);
  if (faults.length > 0) throw new UnfitHostNeeds(needs.hostName, faults);
  const parts = new Map([
    ['users and names', head(needs)],
    ...hostFiles(needs).map((file): [string, string] => [file.path, writeFilesEntry(file)]),
  ]);
  const document = [...parts.values()].join('');
  if (Buffer.byteLength(document) + enrollmentBytes > userDataLimit) {
    throw new UnfitHostNeeds(needs.hostName, [sizeFault(parts)]);
  }
  return document;
}

const head = (needs: HostNeeds): string => `#cloud-config
# ${needs.hostName}, by bootstrap/ of cogni-infra. A changed byte reinstalls the host: use "cogni host converge".
hostname: ${needs.hostName}
disable_root: true
ssh_pwauth: false
users:
- name: ${hostLayout.user}
  groups: adm
  sudo: "ALL=(ALL:ALL) NOPASSWD: ALL"
  shell: /bin/bash
  lock_passwd: true
  ssh_authorized_keys:
${needs.deployKeys.map((key) => `  - ${quotedScalar(key.trim())}\n`).join('')}runcmd:
- [bash, ${hostLayout.script}]
write_files:
`;

function writeFilesEntry(file: HostFile): string {
  const path = `- path: ${hostLayout.bootstrap}/${file.path}\n`;
  // 0644 is what cloud-init gives by itself.
  const mode = file.mode === 0o644 ? '' : `  permissions: "0${file.mode.toString(8)}"\n`;
  if (file.path === 'bootstrap.sh') return `${path}${mode}  encoding: gz+b64\n  content: ${packedScript}\n`;
  return `${path}${mode}  content: ${textScalar(file.content, 2)}\n`;
}

function sizeFault(parts: ReadonlyMap<string, string>): string {
  const sizes = [...parts].map(([name, text]) => ({ name, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, part) => sum + part.bytes, enrollmentBytes);
  const biggest = sizes
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, 5)
    .map((part) => `${part.name} ${part.bytes}`);
  return `user-data of ${total} bytes (${enrollmentBytes} of them for the enrollment token) is over the limit of ${userDataLimit}; biggest parts: ${biggest.join(', ')}`;
}
