import { Bytes } from '../compose';

/** Services whose most memory an environment's record may say. The others need what they need, wherever they run. */
export const limitedServices = ['app', 'postgres', 'litellm', 'alloy', 'sourcecred'] as const;
export type LimitedService = (typeof limitedServices)[number];

/** MiB by service; what is left out has its default. */
export type MemoryLimits = Readonly<Partial<Record<LimitedService, number>>>;

/** None of them starts with less. */
const least = 64;

/** The limits of some services by their names. */
export const memoryProps = <Name extends LimitedService>(
  limits: MemoryLimits = {},
  ...services: readonly Name[]
): Partial<Record<Name, Bytes>> =>
  Object.fromEntries(
    services.flatMap((service) => {
      const limit = limits[service];
      return limit === undefined ? [] : [[service, Bytes.mebibytes(limit)]];
    }),
  ) as Partial<Record<Name, Bytes>>;

/** The limit of one service as its prop `memory`. */
export const memoryProp = (limits: MemoryLimits | undefined, service: LimitedService): { memory?: Bytes } => {
  const memory = memoryProps(limits, service)[service];
  return memory === undefined ? {} : { memory };
};

/** Everything that is wrong with limits, each as a sentence with the value. */
export const memoryLimitFaults = (limits: MemoryLimits): readonly string[] =>
  Object.entries(limits).flatMap(([service, limit]) => [
    ...((limitedServices as readonly string[]).includes(service)
      ? []
      : [`"${service}" has no limit that could be said; allowed: ${limitedServices.join(', ')}`]),
    ...(Number.isInteger(limit) && limit >= least
      ? []
      : [`${limit} for ${service} is not a whole number of MiB from ${least}`]),
  ]);
