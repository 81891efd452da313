import type { Clock } from '../foundation/clock';
import type { Progress } from '../foundation/progress';
import type { Plan, Spending } from './step';
import type { Transport } from './transport';

/** A part of a run and how long it took. */
export interface Span {
  /** Id of the plan's step, or what was done before there was a plan. */
  readonly id: string;
  /** What its time went to: `engine` is this program's own work, `before` the same before there was a plan. */
  readonly spent: Spending | 'engine' | 'before';
  /** Milliseconds since the run began. */
  readonly begun: number;
  readonly milliseconds: number;
  readonly result: 'done' | 'was done already' | 'failed';
}

/** Where the time of a run went. Times are milliseconds. */
export interface Timeline {
  readonly title: string;
  readonly milliseconds: number;
  /** What is left of it without pull, migration, start and drain. */
  readonly engineMilliseconds: number;
  /** Connections that were opened to the host, and commands that were sent over them. */
  readonly connections: number;
  readonly commands: number;
  readonly spans: readonly Span[];
}

/**
 * When the site was found to serve, by the timeline of a deploy that has ended; undefined where it asked nobody. Backups and copies are started
 * after that.
 */
export function servedAt({ spans, milliseconds }: Timeline, ended: Date): Date | undefined {
  const gate = spans.find(({ id, result }) => id === 'gate' && result !== 'failed');
  if (gate === undefined) return undefined;
  return new Date(ended.getTime() - (milliseconds - gate.begun - gate.milliseconds));
}

/** Looks on while a run is prepared and carried out: begins to measure when it is made. */
export class Watch {
  private readonly started: number;
  private readonly spans: (Omit<Span, 'id' | 'spent'> & { readonly name: string })[] = [];
  private connections = 0;
  private commands = 0;

  constructor(private readonly clock: Clock) {
    this.started = clock.monotonic();
  }

  /** The same progress, measured. */
  over(progress: Progress): Progress {
    return {
      note: (text) => progress.note(text),
      step: async (name, work, options = {}) => {
        const begun = this.clock.monotonic() - this.started;
        let result: Span['result'] = 'failed';
        try {
          const value = await progress.step(name, work, options);
          result = options.describe?.(value) === 'was done already' ? 'was done already' : 'done';
          return value;
        } finally {
          this.spans.push({ name, begun, milliseconds: this.milliseconds() - begun, result });
        }
      },
    };
  }

  /** The same way to connect, counted. */
  counting<T extends readonly unknown[]>(
    connect: (...how: T) => Promise<Transport>,
  ): (...how: T) => Promise<Transport> {
    return async (...how) => {
      this.connections += 1;
      const transport = await connect(...how);
      return {
        describe: () => transport.describe(),
        close: () => transport.close(),
        run: (...command) => {
          this.commands += 1;
          return transport.run(...command);
        },
        hold: (...command) => {
          this.commands += 1;
          return transport.hold(...command);
        },
        attach: (...command) => {
          this.commands += 1;
          return transport.attach(...command);
        },
      };
    };
  }

  /** Since it was made. */
  milliseconds(): number {
    return this.clock.monotonic() - this.started;
  }

  /** What it has seen so far. */
  timeline({ title, steps }: Plan): Timeline {
    const spans = this.spans.map(({ name, ...span }): Span => {
      const step = steps.find((one) => one.name === name);
      return { id: step?.id ?? name, spent: step ? (step.spends ?? 'engine') : 'before', ...span };
    });
    const milliseconds = this.milliseconds();
    const elsewhere = spans.filter(({ spent }) => spent !== 'engine' && spent !== 'before');
    return {
      title,
      milliseconds,
      engineMilliseconds: milliseconds - elsewhere.reduce((sum, span) => sum + span.milliseconds, 0),
      connections: this.connections,
      commands: this.commands,
      spans,
    };
  }
}
