/**
 * What must not compile. The type checker reads this file with all others: an error that is expected and does not come
 * is an error. Nothing here is ever run.
 */
import { readSource, settingsSource } from '../../../../cli/settings-source';
import { examine, type SettingsSource } from '../../../../services';

// The variables of a process and a parsed file may be handed in as they are.
const given: SettingsSource = process.env;
examine(process.env, 'deploy');
examine({ ...process.env, ...readSource('preview', undefined).file.values }, 'deploy');

// It is asked like this.
examine({ AUTH_SECRET: given['AUTH_SECRET'] }, 'deploy');
// @ts-expect-error no setting of the catalogue
examine({ AUTH_SECRET: given['AUTH_SECRTE'] }, 'deploy');
// @ts-expect-error no setting of the catalogue
examine({ AUTH_SECRET: settingsSource('preview', undefined)['AUTH_SECRTE'] }, 'deploy');
// @ts-expect-error no setting of the catalogue
examine({ AUTH_SECRET: readSource('preview', undefined).file.values['AUTH_SECRTE'] }, 'deploy');
// @ts-expect-error a name that is made while it runs may be anything
examine({ AUTH_SECRET: given[['AUTH', 'SECRET'].join('_')] }, 'deploy');
// @ts-expect-error no setting of the catalogue
examine({ AUTH_SECRTE: 'x' }, 'deploy');
