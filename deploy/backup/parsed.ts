import type { z } from 'zod';
import { Failure, messageOf } from '../../foundation/failure';

/** What a program printed as JSON, in the form that is expected. @param what printed it @throws Failure when it is not that */
export function parsed<T>(text: string, form: z.ZodType<T>, what: string): T {
  let problem: string;
  try {
    // With another passphrase pgBackRest's messages hold what it could not decrypt, as it is: no character that JSON lets stand.
    const result = form.safeParse(JSON.parse(text.replace(/\p{Cc}/gu, ' ')));
    if (result.success) return result.data;
    problem = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  } catch (cause) {
    problem = messageOf(cause);
  }
  throw new Failure({
    what: `the answer of ${what} cannot be read: ${problem}`,
    next: 'see that the image of the database is that of the environment’s record: ./cogni status <env>',
    output: text.slice(0, 1_000),
  });
}
