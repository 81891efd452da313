import { generatedBy } from '../defaults';
import { markerSql } from './marker';
import { databaseModel, type DatabaseModel } from './model';
import { databaseSql } from './database-sql';
import { databasesSql } from './databases-sql';
import { otherLoginsSql } from './other-logins-sql';
import { refusalsSql, rolesSql } from './roles-sql';
import { provisionScript } from './script';
import { verifySql } from './verify-sql';
import { wantedSql } from './wanted';

const header = `-- ${generatedBy}\n`;

/** The identifier is dequoted by \\password, which quotes it again. */
const passwordSql = `\\getenv role LOGIN_ROLE\n\\password :"role"\n`;

/**
 * Everything that a run of `db-provision` reads: a script and the SQL that it sends, the same for every environment. It
 * creates what is missing, corrects what is different, says one line for each change, and never drops anything.
 */
export function provisionFiles(
  model: DatabaseModel = databaseModel,
): readonly { readonly path: string; readonly content: string; readonly mode?: number }[] {
  const wanted = `${header}${wantedSql(model)}`;
  return [
    { path: 'provision.sh', content: provisionScript(model), mode: 0o755 },
    { path: 'refusals.sql', content: `${wanted}${refusalsSql}` },
    { path: 'roles.sql', content: `${wanted}${rolesSql(model)}` },
    { path: 'databases.sql', content: `${wanted}${databasesSql}` },
    { path: 'database.sql', content: `${wanted}${databaseSql}` },
    { path: 'marker.sql', content: `${header}${markerSql}` },
    { path: 'password.sql', content: `${header}${passwordSql}` },
    { path: 'other-logins.sql', content: `${wanted}${otherLoginsSql}` },
    { path: 'verify.sql', content: `${header}${verifySql(model)}` },
  ];
}
