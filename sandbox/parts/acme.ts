import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import type { Progress } from '../../foundation/progress';
import { ensureCertificate, type CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { caddyImage } from '../images/caddy';
import { sandboxNames, type World } from '../world';
import { ensureContainer, untilReady } from './container';
import { askAt } from './ask';
import type { SandboxNetwork } from './network';

/** What an edge in the sandbox is given in the place of Let's Encrypt's directory; `local` is Caddy's id of the CA. */
export const acmeDirectory = `https://${sandboxNames.acme}/acme/local/directory`;

/**
 * The ACME server: Caddy's, with the sandbox's CA as its root. It proves the control of a name over HTTP or TLS, as
 * Let's Encrypt does, and finds the name through the sandbox's DNS.
 *
 * Where the proof fails it is less like Let's Encrypt, which refuses within seconds: this server leaves the question open
 * (smallstep's acme/authorization.go: a failed challenge never ends an authorization), so whoever asked gives up after
 * five minutes and asks again a minute later. A name should lead to its host before the host asks.
 *
 * @returns once its directory can be read
 */
export async function ensureAcme(
  docker: Docker,
  world: World,
  network: SandboxNetwork,
  authority: CertificateAuthority,
  progress: Progress,
): Promise<{ readonly directory: string; readonly address: string }> {
  const address = network.parts.acme;
  const certificate = await ensureCertificate(world, authority, [sandboxNames.acme]);
  const folder = join(world.folder, 'parts', 'acme');
  const files = {
    Caddyfile: caddyfile(world),
    'certificate.pem': readFileSync(certificate.certificate, 'utf8'),
    'key.pem': readFileSync(certificate.key, 'utf8'),
  };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [file, content] of Object.entries(files)) {
    const path = join(folder, file);
    if (tryReadFile(path) !== content) writeAtomically(path, content, 0o600);
  }
  await ensureContainer(
    docker,
    world,
    {
      part: 'acme',
      image: await caddyImage(docker, progress),
      network,
      address,
      dns: network.parts.dns,
      folders: { '/etc/caddy': folder, '/ca': dirname(authority.certificate) },
      // Accounts, orders and the intermediate certificate. That one belongs to its root: another root, another volume.
      volumes: { '/data': `acme-${createHash('sha256').update(authority.pem).digest('hex').slice(0, 8)}` },
      reads: [...Object.values(files), authority.pem],
    },
    progress,
  );
  await untilReady(docker, world, 'acme', async () => {
    const answer = await askAt(address, authority)({ url: acmeDirectory, deadline: 5_000 });
    if (answer.status !== 200) throw new Error(`it answers ${answer.status} for ${acmeDirectory}`);
    const { newOrder } = JSON.parse(answer.body.toString('utf8')) as { readonly newOrder?: string };
    if (!newOrder?.startsWith(`https://${sandboxNames.acme}/`))
      throw new Error(`its directory names ${newOrder ?? 'nothing'} for new orders`);
  });
  return { directory: acmeDirectory, address };
}

const caddyfile = (world: World): string => `{
	admin off
	skip_install_trust
	pki {
		ca local {
			name "Cogni sandbox ${world.id}"
			intermediate_lifetime 60d
			root {
				format pem_file
				cert /ca/root.crt
				key /ca/root.key
			}
		}
	}
}

http://${sandboxNames.acme} {
	respond "ACME is spoken over HTTPS: ${acmeDirectory}"
}

https://${sandboxNames.acme} {
	tls /etc/caddy/certificate.pem /etc/caddy/key.pem
	acme_server {
		ca local
		lifetime 30d
		challenges http-01 tls-alpn-01
	}
}
`;
