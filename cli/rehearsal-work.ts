import { defaultMigrationsFolder } from '../deploy/migrations/pending';
import { Failure } from '../foundation/failure';
import { askServing, proofOf } from '../recovery/rebuild/prove';
import type { RehearsalStageId } from '../recovery/rebuild/rehearsal';
import type { StageWork } from '../recovery/rebuild/run';
import { wantedMigrations } from './drill';
import { onHost } from './on-host';
import { rebuildWork, type WorkProps } from './rebuild-work';
import { removeRehearsal } from './remove-rehearsal';
import { settingsSource } from './settings-source';

/**
 * How each stage of a rehearsal is done from this checkout: as those of a rebuild, for the rehearsal's own environment.
 *
 * @param of the living environment
 */
export function rehearsalWork(of: string, props: WorkProps): Readonly<Record<RehearsalStageId, StageWork>> {
  const { environment, given, progress, signal, again } = props;
  const { plan, provision, bootstrap, files, restore, pull, deploy } = rebuildWork(props);
  return {
    ...{ plan, provision, bootstrap, files, restore, pull, deploy },
    prove: {
      run: async () => {
        const { name, migrationsFolder = defaultMigrationsFolder } = environment;
        const database = settingsSource(name, given.settings)['APP_DB_NAME'] ?? '';
        const { code, stdout, stderr } = await onHost(name, (transport) =>
          transport.run(askServing(database)),
        );
        const wanted = await wantedMigrations(name, migrationsFolder);
        const { says, faults } = proofOf(code === 0 ? stdout : '', wanted);
        if (code === 0 && faults.length === 0) return says;
        throw new Failure({
          what: 'the database of the rehearsal is not the one that a rebuild has to give back',
          faults,
          output: stderr.trim(),
          state: 'the rehearsal stands, to be looked at',
          next: `./cogni logs ${name} postgres, and ./cogni drill ${of}`,
        });
      },
    },
    remove: { run: () => removeRehearsal(of, { again, progress, signal }) },
  };
}
