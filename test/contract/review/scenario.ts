import { tokens } from '../emulator/rig';
import type { World } from '../provider/run';

/** One change as somebody would propose it: what there is, what happened meanwhile, what the configuration says now. */
export interface Scenario {
  readonly name: string;
  /** What is applied beforehand. */
  readonly before: object;
  /** What happens at the provider between the two: nobody told Terraform. */
  readonly meanwhile?: Meanwhile;
  /** Address of what is taken out of the state meanwhile, without being touched. */
  readonly forgotten?: string;
  /** The configuration that is planned, and applied afterwards. The id is that of what was forgotten. */
  readonly after: (forgottenId: string) => object;
  /** Words between `plan` and its output, such as `-replace=…`. */
  readonly words?: readonly string[];
}

export type Meanwhile = (world: World, ids: Ids) => Promise<unknown>;

/** Ids of what is in the state, by address. */
export type Ids = Readonly<Record<string, string>>;

/** Values of attributes, as the JSON syntax of Terraform has them. */
export type Values = Readonly<Record<string, unknown>>;

/** Somebody else's call of the API, with the id of what is at an address of the state. */
export const callElsewhere =
  (address: string, method: string, path: (id: string) => string, body?: Values): Meanwhile =>
  async (world, ids) => {
    const answer = await world.rig.client(tokens.own).call(method, path(ids[address] ?? 'none'), body);
    if (answer.status >= 300) throw new Error(`${method} ${path('…')}: ${answer.status}`);
  };
