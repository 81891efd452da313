import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Target } from '../../../../deploy/backup/choose';
import { localTransport } from '../../../../deploy/local';
import { layout } from '../../../../deploy/rolling/layout';
import type { SshHost } from '../../../../deploy/ssh';
import { ConnectionLost, type RemoteCommand, type Transport } from '../../../../deploy/transport';
import type { Https } from '../../../../foundation/https';
import { Secret } from '../../../../foundation/secret';
import { archiveKeys, type DrillPlaceProps } from '../../../../recovery/drill/containers';
import { replaceWord, type RestoreSite } from '../../../../recovery/restore/request';
import { changeRestored, restore, type RestoreResult } from '../../../../recovery/restore/run';
import { surveyHostData } from '../../../../recovery/restore/survey';
import { databaseVolume } from '../../../../recovery/restore/volume';
import type { ArchivedRuntime } from './archived-runtime';

/** The containers and the volume of a test in the place of a host: restores run against them by the very commands that they send. */
export class RestoredHost {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cogni-restored-'));
  /** Names of a host, and what stands for them here; the longest of two that begin alike comes first. */
  private readonly names: ReadonlyMap<string, string>;
  /** The site as the edge would answer: what a person who asks from outside sees. */
  private readonly https: Https = () =>
    Promise.resolve({ status: this.inMaintenance() ? 503 : 200, headers: {}, body: Buffer.from('') });

  constructor(
    private readonly archived: ArchivedRuntime,
    private readonly place: DrillPlaceProps,
    private readonly environment = 'test',
  ) {
    const { name, folder } = archived.runtime;
    this.names = new Map([
      [databaseVolume, `${name}_data`],
      [layout.runtime.project, name],
      [layout.runtime.folder, folder],
      [layout.deploy.folder, this.folder],
      [layout.edge.folder, this.folder],
      ['cogni-restore', `${name}-restore`],
    ]);
    mkdirSync(dirname(this.here(layout.edge.maintenance)), { recursive: true });
  }

  inMaintenance(): boolean {
    return existsSync(this.here(layout.edge.maintenance));
  }

  /**
   * @param cut the connection is lost right after the command that has these words
   * @param without no backup of the present state is made
   * @param receiver the host that receives the log
   */
  restore(target: Target, cut?: string, without = false, receiver?: Transport): Promise<RestoreResult> {
    const { ARCHIVE_KEY = '', ARCHIVE_SECRET = '', ARCHIVE_PASSPHRASE = '' } = this.archived.settings;
    const site = this.site();
    return restore(
      {
        ...site,
        target,
        keys: archiveKeys(
          ARCHIVE_KEY,
          Secret.of('ARCHIVE_SECRET', ARCHIVE_SECRET),
          Secret.of('ARCHIVE_PASSPHRASE', ARCHIVE_PASSPHRASE),
        ),
        replace: replaceWord({ ...site, target }),
        ...(without ? { withoutBackup: site.machine } : {}),
      },
      { host: this.nowhere, ...(receiver && { receiver: this.elsewhere }) },
      {
        connect: (host) =>
          Promise.resolve(host === this.elsewhere && receiver ? receiver : this.transport(cut)),
        https: this.https,
      },
    );
  }

  undo(id: string): ReturnType<typeof changeRestored> {
    return this.change('undo', id);
  }

  forget(id: string): ReturnType<typeof changeRestored> {
    return this.change('forget', id);
  }

  /** What lies beside the data. */
  async kept(): Promise<readonly string[]> {
    return (await surveyHostData(this.transport(), this.site())).volume.kept;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private change(what: 'undo' | 'forget', id: string): ReturnType<typeof changeRestored> {
    const site = this.site();
    return changeRestored(
      what,
      { ...site, id, replace: `${site.machine}@${id}` },
      { host: this.nowhere },
      { connect: () => Promise.resolve(this.transport()), https: this.https },
    );
  }

  private readonly nowhere: SshHost = {
    environment: 'test',
    address: '203.0.113.7',
    user: 'deploy',
    knownHosts: 'known_hosts',
    hostKeyAlias: 'cogni-test',
  };

  private readonly elsewhere: SshHost = { ...this.nowhere, address: '203.0.113.8' };

  private site(): RestoreSite {
    return {
      environment: this.environment,
      domain: 'test.cogni.test',
      machine: 'test-cogni',
      place: this.place,
      by: { who: 'ada', from: 'laptop' },
      at: new Date(),
    };
  }

  private transport(cut = 'nothing at all'): Transport {
    const local = localTransport({ env: { DOCKER_HOST: this.archived.runtime.docker.host } });
    let lost = false;
    return {
      ...local,
      run: async (command, options) => {
        if (!lost) {
          const output = await local.run(this.translated(command), options);
          lost = command.argv.join(' ').includes(cut);
          if (!lost) return { ...output, stdout: this.back(output.stdout) };
        }
        throw new ConnectionLost({ what: 'the connection was lost', next: 'look' });
      },
      hold: (command, options) => local.hold(this.translated(command), options),
    };
  }

  private translated(command: RemoteCommand): RemoteCommand {
    const here = command.argv.map((word) => this.here(word));
    // Behind flock(1) and timeout(1), where it works one at a time.
    const docker = here.findIndex((word, at) => word === 'docker' && here[at + 1] === 'compose');
    // The test's own images, networks and names come in a second file.
    const file = here.findIndex((word) => word.startsWith('--file='));
    if (docker >= 0 && file > 0) here.splice(file + 1, 0, `--file=${this.archived.runtime.folder}/test.yaml`);
    if (docker >= 0) here.splice(docker, 2, this.archived.runtime.program);
    const [program = '', ...words] = here;
    return { ...command, argv: [program, ...words] };
  }

  private here(word: string): string {
    // What is a name of this test already stays.
    const all = new RegExp(`(?:${[...this.names.keys()].join('|')})(?!-test-)`, 'g');
    return word.replaceAll(all, (host) => this.names.get(host) ?? host);
  }

  /** What was printed, with the names of a host again. */
  private back(text: string): string {
    return text.replaceAll(this.archived.runtime.name, layout.runtime.project);
  }
}
