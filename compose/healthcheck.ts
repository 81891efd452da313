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
  /**
   * Time between checks while it starts; needs Docker 25 (Docker documentation, "Dockerfile reference").
   * @default - Docker's 5 s there, `interval` with an older engine
   */
  readonly startInterval?: Duration;
  /**
   * How long whoever starts it waits until it is healthy. The start period must cover that. It stands in no file: it is
   * for those who wait, and for the rule, which asks for it where another service waits. @default - nobody waits
   */
  readonly waitBudget?: Duration;
}

/** A command that runs in the container and ends with 0 when it is healthy. */
export class Healthcheck {
  /**
   * @param command program and arguments, run without a shell: the program must be in the image
   * @param props when it runs and what counts
   */
  constructor(
    readonly command: readonly [Value, ...Value[]],
    readonly props: HealthcheckProps,
  ) {}

  /** A line for the container's shell, where it needs one: pipes, `||`. */
  static shell(line: Value, props: HealthcheckProps): Healthcheck {
    return new ShellHealthcheck([line], props);
  }

  /** The words under `test`. */
  protected test(): Node {
    return ['CMD', ...this.command];
  }

  /** The entry under `healthcheck`. */
  render(): Node {
    return {
      test: this.test(),
      interval: this.props.interval.toString(),
      timeout: this.props.timeout.toString(),
      retries: this.props.retries,
      start_period: this.props.startPeriod.toString(),
      start_interval: this.props.startInterval?.toString(),
    };
  }
}

class ShellHealthcheck extends Healthcheck {
  protected override test(): Node {
    return ['CMD-SHELL', ...this.command];
  }
}
