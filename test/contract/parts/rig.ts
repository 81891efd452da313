import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progressTo, silent, type Progress } from '../../../foundation/progress';
import { ensureCertificateAuthority, type CertificateAuthority } from '../../../sandbox/certificates';
import type { Docker } from '../../../sandbox/docker';
import { ensureAcme } from '../../../sandbox/parts/acme';
import { ensureDns } from '../../../sandbox/parts/dns';
import { ensureModels } from '../../../sandbox/parts/models';
import { ensureNetwork, type SandboxNetwork } from '../../../sandbox/parts/network';
import { ensureRegistries, type Registries } from '../../../sandbox/parts/registries';
import { pushThirdParty } from '../../../sandbox/parts/third-party';
import { worldOf, type World } from '../../../sandbox/world';
import type { ImageLock } from '../../../services/images';
import { docker } from '../images/harness';

export interface Parts {
  readonly network: SandboxNetwork;
  readonly authority: CertificateAuthority;
  readonly registries: Registries;
  readonly lock: ImageLock;
}

/** A sandbox's parts, without its hosts and its emulator, in a folder of this test's own. */
export class Rig {
  readonly #checkout = mkdtempSync(join(tmpdir(), 'cogni-parts-'));
  readonly world: World = worldOf(this.#checkout);

  async up(progress: Progress = silent, engine: Docker = docker): Promise<Parts> {
    const { authority, network, registries } = await this.registries(progress, engine);
    await ensureAcme(engine, this.world, network, authority, progress);
    await ensureModels(engine, this.world, network, progress);
    const wanted = ['caddy', 'postgres'] as const;
    const lock = await pushThirdParty(engine, this.world, registries, authority, progress, { wanted });
    return { authority, network, registries, lock };
  }

  /** The registries alone, and what they stand on. */
  async registries(progress: Progress = silent, engine: Docker = docker): Promise<Omit<Parts, 'lock'>> {
    const authority = await ensureCertificateAuthority(this.world);
    const network = await ensureNetwork(engine, this.world, progress);
    await ensureDns(engine, this.world, network, progress);
    const registries = await ensureRegistries(engine, this.world, network, authority, progress);
    return { authority, network, registries };
  }

  /** Brings it up, and tells what had to be done. */
  async steps(): Promise<string[]> {
    const steps: string[] = [];
    await this.up(
      progressTo((event) => (event.kind === 'done' ? steps.push(`${event.name}: ${event.result ?? ''}`) : 0)),
    );
    return steps;
  }

  /** Names of everything in the engine that carries the label. */
  async labelled(): Promise<string[]> {
    const filter = `--filter=label=${this.world.label}`;
    const lists = await Promise.all([
      docker.docker(['ps', '--all', '--format={{.Names}}', filter]),
      docker.docker(['network', 'ls', '--format={{.Name}}', filter]),
      docker.docker(['volume', 'ls', '--quiet', filter]),
      docker.docker(['image', 'ls', '--quiet', filter]),
    ]);
    return lists.flatMap((list) => list.split('\n').filter(Boolean));
  }

  async remove(): Promise<void> {
    const filter = `--filter=label=${this.world.label}`;
    for (const [list, remove] of [
      [
        ['ps', '--all'],
        ['rm', '--force', '--volumes'],
      ],
      [
        ['network', 'ls'],
        ['network', 'rm'],
      ],
      [
        ['volume', 'ls'],
        ['volume', 'rm', '--force'],
      ],
      [
        ['image', 'ls'],
        ['rmi', '--force'],
      ],
    ] as const) {
      const ids = (await docker.docker([...list, '--quiet', filter])).split('\n').filter(Boolean);
      if (ids.length > 0) await docker.docker([...remove, ...new Set(ids)]);
    }
    rmSync(this.#checkout, { recursive: true, force: true });
  }
}
