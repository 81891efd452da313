import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { Target } from '../../../../deploy/backup/choose';
import { localTransport } from '../../../../deploy/local';
import type { DrillPlaceProps } from '../../../../recovery/drill/containers';
import { archiveSecrets } from '../../../../recovery/drill/containers';
import type { WantedMigrations } from '../../../../recovery/drill/found';
import { drill, type DrillRequest, type DrillResult } from '../../../../recovery/drill/run';
import { systemClock, type Clock } from '../../../../foundation/clock';
import { Secret } from '../../../../foundation/secret';
import { partName } from '../../../../sandbox/world';
import type { ArchivedRuntime } from './archived-runtime';

const signer = generateKeyPairSync('ed25519');

/** Drills of the archive of a test, by the way that leads to its object storage from a network of Docker's. */
export class Drilled {
  /** Who may sign reports here. */
  readonly trusted = [{ key: signer.publicKey, name: 'this test' }];

  private constructor(
    readonly archived: ArchivedRuntime,
    readonly place: DrillPlaceProps,
    private readonly network: string,
  ) {}

  static async of(archived: ArchivedRuntime): Promise<Drilled> {
    const { docker, name } = archived.runtime;
    const network = `${name}-drill`;
    await docker.docker(['network', 'create', network]);
    await docker.docker([
      ...['network', 'connect', '--alias=s3.cogni.test'],
      ...[network, partName(archived.rig.world, 's3')],
    ]);
    const place = {
      environment: name.slice(-8),
      archive: archived.archive,
      administrator: 'cogni_root',
      image: await archived.runtime.inspect('postgres', '{{.Image}}'),
      network,
      authorities: join(archived.trust, 'ca-certificates.crt'),
    };
    return new Drilled(archived, place, network);
  }

  request(more: Partial<DrillRequest> = {}): DrillRequest {
    const { ARCHIVE_KEY = '', ARCHIVE_SECRET = '', ARCHIVE_PASSPHRASE = '' } = this.archived.settings;
    const wanted: WantedMigrations = { unknown: 'no release was deployed' };
    return {
      place: this.place,
      target: { kind: 'end' },
      database: 'postgres',
      secrets: archiveSecrets(
        ARCHIVE_KEY,
        Secret.of('ARCHIVE_SECRET', ARCHIVE_SECRET),
        Secret.of('ARCHIVE_PASSPHRASE', ARCHIVE_PASSPHRASE),
      ),
      by: { who: 'ada', from: 'laptop' },
      signer: signer.privateKey,
      wanted: () => Promise.resolve(wanted),
      ...more,
    };
  }

  drill(more: Partial<DrillRequest> = {}, clock: Clock = systemClock): Promise<DrillResult> {
    const request = this.request(more);
    const env = { ...request.secrets, DOCKER_HOST: this.archived.runtime.docker.host };
    return drill(request, { transport: localTransport({ env }), clock });
  }

  /** What the copy of a moment answers. @param now when it is asked for */
  async answer(target: Target, ask: string, now?: Date): Promise<string> {
    const { answer, failure } = await this.drill({ target, ask }, now && { ...systemClock, now: () => now });
    if (failure) throw failure;
    return answer.trim();
  }

  /** Leaves what a drill that was killed would. */
  async leave(): Promise<void> {
    const { docker } = this.archived.runtime;
    const { environment, image = '' } = this.place;
    const label = `--label=dev.cogni.drill=${environment}`;
    const name = `--name=cogni-drill-${environment}-copy`;
    await docker.docker(['run', '--detach', label, name, '--entrypoint=sleep', image, '600']);
  }

  /** What is left of drills in the engine. */
  async left(): Promise<string> {
    const filter = `--filter=label=dev.cogni.drill=${this.place.environment}`;
    const { docker } = this.archived.runtime;
    const containers = await docker.docker(['ps', '--all', '--quiet', filter]);
    return `${containers}${await docker.docker(['volume', 'ls', '--quiet', filter])}`.trim();
  }

  async remove(): Promise<void> {
    const { docker } = this.archived.runtime;
    await docker.tryDocker([
      'network',
      'disconnect',
      '--force',
      this.network,
      partName(this.archived.rig.world, 's3'),
    ]);
    await docker.tryDocker(['network', 'rm', this.network]);
  }
}
