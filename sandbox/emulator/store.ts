import type { State } from './state';

/**
 * Holds the present state. A change is one synchronous step from the present state to the next and is written down
 * before anything else can happen, so that two calls at once never mix and a call that was answered is never lost.
 */
export class Store {
  #state: State;
  readonly #write: (state: State) => void;
  readonly #onChange: (state: State) => void;

  /**
   * @param write makes a state survive the process; called for every change, returns when it is on disk.
   * @param onChange told after that.
   */
  constructor(
    state: State,
    write: (state: State) => void,
    onChange: (state: State) => void = () => undefined,
  ) {
    this.#state = state;
    this.#write = write;
    this.#onChange = onChange;
  }

  get state(): State {
    return this.#state;
  }

  /** When writing fails, the change has not happened. */
  change(step: (state: State) => State): State {
    const next = step(this.#state);
    if (next !== this.#state) {
      this.#write(next);
      this.#state = next;
      this.#onChange(next);
    }
    return next;
  }
}
