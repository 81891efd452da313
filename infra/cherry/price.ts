import type { Plan } from './client';

/** What a server of a plan costs by the hour, for people: `0.03 EUR an hour, without tax`; undefined where the API does not say. */
export function hourlyPrice({ pricing }: Pick<Plan, 'pricing'>): string | undefined {
  const hourly = pricing?.find(({ unit }) => unit?.toLowerCase() === 'hourly');
  if (typeof hourly?.price !== 'number') return undefined;
  return [
    `${hourly.price} ${hourly.currency ?? ''}`.trim(),
    ` an hour${hourly.taxed === undefined || hourly.taxed === null ? '' : hourly.taxed ? ', tax included' : ', without tax'}`,
  ].join('');
}
