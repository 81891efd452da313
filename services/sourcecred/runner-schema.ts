import { z } from 'zod';
import { declarationOf, settingsOf } from '../settings/catalogue';

/** Relative to the checkout. */
export const runnerSchemaFile = 'services/sourcecred/runner/settings.schema.json';

/**
 * What the runner holds its environment against when it starts: the settings that it reads, as the catalogue has them. It is part of the
 * image, which knows no TypeScript, so it is made from the catalogue and committed (`./cogni settings docs`).
 *
 * @throws Error for a setting whose format is no pattern: the runner could not look at it
 */
export function renderRunnerSchema(): string {
  const settings = settingsOf('sourcecred/sourcecred').map((name) => {
    const { required, format } = declarationOf(name);
    const { pattern, description } = z.toJSONSchema(format);
    if (pattern === undefined || typeof required !== 'boolean')
      throw new Error(
        `the runner of SourceCred cannot hold ${name} against the catalogue: it has no pattern`,
      );
    return [name, { required, pattern, allowed: description ?? 'text' }] as const;
  });
  const made = 'Generated from services/settings/catalogue; make it again: ./cogni settings docs';
  return `${JSON.stringify({ made, settings: Object.fromEntries(settings) }, null, 2)}\n`;
}
