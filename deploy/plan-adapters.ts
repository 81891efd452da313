import type { Clock } from '../foundation/clock';
import type { Https } from '../foundation/https';
import type { Progress } from '../foundation/progress';
import type { StepEvent } from './journal/event';
import type { Evidence, Judgement, JudgeName } from './step';
import type { Transport } from './transport';

/** What a plan is carried out with. */
export interface PlanAdapters {
  readonly transport: Transport;
  /** Who judges what a command printed. @default - a plan that asks for a judge fails */
  readonly judges?: Readonly<Record<JudgeName, (given: Evidence) => Judgement>>;
  readonly https: Https;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Takes secrets out of what programs printed. */
  readonly redact: (text: string) => string;
  /**
   * That the run was begun is written down. Steps that may be cut anywhere do not wait for it; what changes something does.
   * @default it is
   */
  readonly recorded?: Promise<void>;
  /** Told of everything that becomes of a step, as it happens; must not throw. @default nobody is */
  readonly observe?: (event: StepEvent) => void;
  /** Aborted: no further step is begun, and what was done is taken back. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of a step. */
export interface StepResult {
  readonly id: string;
  readonly outcome: 'done' | 'was done already';
  readonly milliseconds: number;
}
