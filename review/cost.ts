import type { ResourceChange } from './plan';
import { isObject, marksAny, maskOf, partOf } from './tree';

/** What a resource costs before and after, as far as the plan holds prices. */
export interface CostLine {
  readonly address: string;
  /** Price for one billing cycle; null = nothing is paid; undefined = the plan does not say. */
  readonly before: number | null | undefined;
  readonly after: number | null | undefined;
  readonly currency: string | undefined;
  /** Billing cycle of the price. The provider's own is hourly. */
  readonly cycle: string;
}

/** Attributes that decide on a price: while none of them changes, a price that is unknown is the one from before. */
const deciding = ['plan', 'region', 'cycle', 'spot_instance', 'discount_code'];

/** Resources that have a price and whose price changes or may change. */
export function costLines(resources: readonly ResourceChange[]): readonly CostLine[] {
  return resources.flatMap(({ address, mode, change }): CostLine[] => {
    const [before, after] = [partOf(change.before, 'pricing'), partOf(change.after, 'pricing')];
    const unknown = marksAny(maskOf(change.after_unknown, 'pricing'));
    const sensitive = [change.before_sensitive, change.after_sensitive].some((mask) =>
      marksAny(maskOf(mask, 'pricing')),
    );
    if (mode !== 'managed' || sensitive || !(isObject(before) || isObject(after) || unknown)) return [];
    if (change.actions.includes('forget')) return [];
    const made = change.actions.includes('create');
    const gone = change.actions.includes('delete') && !made;
    const kept =
      !made &&
      unknown &&
      deciding.every(
        (name) =>
          !marksAny(maskOf(change.after_unknown, name)) &&
          partOf(change.before, name) === partOf(change.after, name),
      );
    const was = isObject(change.before) ? priceIn(before) : null;
    const line: CostLine = {
      address,
      before: was,
      after: gone ? null : kept ? was : unknown ? undefined : priceIn(after),
      currency: currencyIn(after) ?? currencyIn(before),
      cycle: cycleIn(change.after) ?? cycleIn(change.before) ?? 'hourly',
    };
    return line.after !== undefined && line.before === line.after ? [] : [line];
  });
}

const priceIn = (pricing: unknown): number | undefined => {
  const price = partOf(pricing, 'price');
  return typeof price === 'number' && Number.isFinite(price) ? price : undefined;
};
const currencyIn = (pricing: unknown): string | undefined => {
  const currency = partOf(pricing, 'currency');
  return typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : undefined;
};
const cycleIn = (values: unknown): string | undefined => {
  const cycle = partOf(values, 'cycle');
  return typeof cycle === 'string' && /^[a-z-]{1,30}$/.test(cycle) ? cycle : undefined;
};
