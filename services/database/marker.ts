/**
 * What tells these data from any others: one row, made once and never changed, that goes wherever the data go (a
 * physical backup brings it back). It lies in the administrator's database, where no role of the model can connect, so
 * that it changes nothing about who may do what.
 */
export const dataMarker = { database: 'postgres', table: 'cogni.data_marker' } as const;

/** Makes the row where it is missing, and then says so. */
export const markerSql = `
CREATE SCHEMA IF NOT EXISTS cogni;
CREATE TABLE IF NOT EXISTS ${dataMarker.table} (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  made timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ${dataMarker.table} DEFAULT VALUES ON CONFLICT DO NOTHING
  RETURNING format('marked the data as %s', id);
`;

/** Prints the id of the data for `psql --quiet --tuples-only --no-align`, or `none`. Only reads. */
export const markerQuestion = `SELECT to_regclass('${dataMarker.table}') IS NOT NULL AS marked \\gset
\\if :marked
SELECT coalesce((SELECT id::text FROM ${dataMarker.table}), 'none');
\\else
SELECT 'none';
\\endif
`;
