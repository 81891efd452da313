import type { Duration } from './duration';
import type { Value } from './reference';
import type { Node } from './tree';

export interface HealthcheckProps {
  /** Time between the end of one check and the beginning of the next. */
  readonly interval: Duration;
  /** How long one check may take. Generous: a slow answer is not an unhealthy one. */
  readonly timeout: Duration;
  /** Failures in a row that make the service unhealthy. */
  readonly retries: number;
  /** Time from the start in which failures do not count. Measure it: too short kills a slow first start. */
  readonly startPeriod: Duration;
}

/** A command that runs in the container and ends with 0 when it is healthy. */
export class Healthcheck {
  constructor(
    /** Program and arguments, run without a shell: the program must be in the image. */
    readonly command: readonly [Value, ...Value[]],
    readonly props: HealthcheckProps,
  ) {}

  render(): Node {
    return {
      test: ['CMD', ...this.command],
      interval: this.props.interval.toString(),
      timeout: this.props.timeout.toString(),
      retries: this.props.retries,
      start_period: this.props.startPeriod.toString(),
    };
  }
}
