import { copyCommand } from '../../../../deploy/copy/steps';
import { localTransport } from '../../../../deploy/local';
import type { RemoteCommand } from '../../../../deploy/transport';
import type { Secret } from '../../../../foundation/secret';
import { prepareCopy, reaching, removeDrill } from '../../../../recovery/drill/containers';
import { surveyArchive } from '../../../../recovery/drill/survey';
import { fetchReceived } from '../../../../recovery/restore/received';
import { wayOf } from '../../../../recovery/restore/survey';
import { wayFrom } from '../../../../recovery/restore/way';
import { copyFolder } from '../../../../services';
import type { Drilled } from './drilled';
import type { Received } from './received';

export interface CopyAnswer {
  readonly answer: string;
  /** Label of the backup that it was made of. */
  readonly backup: string;
  /** Pieces of log that came from the receiver. */
  readonly pieces: number;
}

/**
 * Brings the newest moment to life in a throw-away server, by the steps of a restore, out of nothing but what is off the host; asks it, and has PostgreSQL's
 * own programs check every table, index and page of it.
 *
 * @param received the receiver of the log, where there is one
 * @throws Error when a step fails, or anything in the copy is not sound
 */
export async function askOffHost(
  drilled: Drilled,
  received: Received | undefined,
  sql: string,
): Promise<CopyAnswer> {
  const { place } = drilled;
  const { environment, image = '', administrator } = place;
  const { docker, name: runtime } = drilled.archived.runtime;
  const transport = localTransport({ env: { ...drilled.request().secrets, DOCKER_HOST: docker.host } });
  const name = `${runtime}-copy`;
  const label = `--label=dev.cogni.drill=${environment}`;
  const run = async (command: RemoteCommand): Promise<string> => {
    const { code, stdout, stderr } = await transport.run(command);
    if (code !== 0) throw new Error(`${command.argv.join(' ')} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  const copy = (words: readonly string[], stdin?: string | Secret): Promise<string> =>
    run(copyCommand(name, words, 5 * 60_000, stdin));
  const inCopy = (...argv: readonly string[]): Promise<string> =>
    run({ argv: ['docker', 'exec', name, ...argv], deadline: 5 * 60_000 });

  const archive = await surveyArchive(transport, place, { kind: 'end' }, new Date());
  const { chosen } = archive;
  const log =
    received &&
    (await fetchReceived(() => Promise.resolve(received.here()), received.environment, wayFrom(archive)));
  if (log?.kind === 'unknown') throw new Error(`the receiver cannot be asked: ${log.why}`);
  const pieces = log?.pieces ?? [];
  const upTo = wayOf({ archive, ...(log && { received: log }) })?.last;
  try {
    await run({ argv: ['docker', 'volume', 'create', label, name], deadline: 60_000 });
    await run(prepareCopy(image, name, label));
    await run({
      argv: [
        ...(['docker', 'run', '--detach', '--rm', `--name=${name}`, label, ...reaching(place)] as const),
        ...['--memory=1024m', '--pids-limit=256', `--volume=${name}:${copyFolder}`],
        ...[
          `--env=POSTGRES_USER=${administrator}`,
          '--entrypoint=timeout',
          image,
          '10m',
          'sleep',
          'infinity',
        ],
      ],
      deadline: 60_000,
    });
    await copy(['restore', chosen.backup.label]);
    for (const piece of pieces) for (const part of piece.parts) await copy(['receive', piece.name], part);
    await copy(['at', 'end', '', String(chosen.timeline), 'promote']);
    if (upTo !== undefined) await copy(['came', upTo]);
    const answer = await copy(['ask', 'postgres'], sql);
    await inCopy(
      ...['pg_amcheck', `--host=${copyFolder}/socket`, `--username=${administrator}`, '--database=postgres'],
      ...['--install-missing', '--heapallindexed'],
    );
    await copy(['finish']);
    await inCopy('pg_checksums', '--check', `--pgdata=${copyFolder}/data`);
    return { answer, backup: chosen.backup.label, pieces: pieces.length };
  } finally {
    await transport.run(removeDrill({ environment }));
  }
}
