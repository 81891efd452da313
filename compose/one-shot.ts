import type { Mapping } from './tree';
import { Workload } from './workload';

/** A job that runs to its end and is not started again. */
export class OneShot<Owner extends string = string> extends Workload<Owner> {
  readonly kind = 'one-shot';

  protected override renderOwn(): Mapping {
    return { restart: 'no' };
  }
}
