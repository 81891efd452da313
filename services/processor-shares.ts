/**
 * Weight of the edge, the application and its database when processors are short (Compose, `cpu_shares`; Docker gives
 * 1024 to the others): a request goes before the deploy, the backup or the health check beside it, and nobody loses
 * anything while there is enough for all. LiteLLM, whose answers take seconds, is not among them. With 8192 and more the
 * Linux scheduler leaves one core to the heaviest and crowds the rest on the others: the median of all answers doubled.
 */
export const servingShares = 4096;

/** Weight of the jobs that make roles and migrate: nobody waits for them with a request open. */
export const jobShares = 256;
