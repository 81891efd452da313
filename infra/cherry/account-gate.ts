import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import type { Import } from '../plan/imports';
import type { StateFacts } from '../plan/state-facts';
import { idsOfType } from '../plan/state-facts';
import { accountFacts } from './account-facts';
import type { CherryApi } from './client';
import { orphanAdvice, orphansOf } from './orphans';
import {
  judgeAddress,
  judgePreflight,
  replacementFault,
  type AccountFacts,
  type Preflight,
  type Wanted,
} from './preflight';
import { quotaNotes } from './quota';
import { failedFault, standingNote, standingsOf } from './standing';

/** A change of a plan, as far as the account is concerned. */
export interface PlannedChange {
  readonly address: string;
  readonly type: string;
  readonly actions: readonly string[];
  /** It empties the disk, though it is called an update in place. */
  readonly wipes: boolean;
  /** Id of what is taken into the state. */
  readonly imports?: string | undefined;
}

export interface AccountGateProps {
  readonly api: CherryApi;
  /** A stack of a host, or of a floating address, which needs nothing but its project. */
  readonly kind: 'host' | 'address';
  readonly wanted: Omit<Wanted, 'state' | 'imports'>;
}

/** What the account says before a plan, about a plan, before its apply, and after it. */
export class AccountGate {
  /** What should be known of the account, and stops nothing. */
  readonly notes: string[] = [];
  #asked: { readonly wanted: Wanted; readonly facts: AccountFacts } | undefined;

  constructor(private readonly props: AccountGateProps) {}

  /** Asked before anything is planned. @throws Failure with every fault (exit code 3; 1 when the account cannot be asked) */
  async beforePlanning(state: StateFacts, imports: readonly Import[]): Promise<void> {
    const { faults, notes, unknown } = await this.ask(state, imports);
    this.notes.push(...notes);
    if (faults.length > 0) throw unfit(this.props.wanted.stack, faults, unknown);
  }

  /** Asked about what was planned, before it is kept. @throws Failure (exit code 3) when keeping it would mislead */
  afterPlanning(changes: readonly PlannedChange[]): void {
    const faults = this.plannedFaults(changes);
    if (faults.length > 0) throw unfit(this.props.wanted.stack, faults, false);
    if (this.#asked !== undefined) this.notes.push(...quotaNotes(changes, this.#asked.facts));
    const servers =
      this.#asked === undefined ? [] : idsOfType(this.#asked.wanted.state, 'cherryservers_server');
    if (servers.length > 0 && changes.every(({ actions }) => actions.join() === 'no-op'))
      this.notes.push(
        `a plan sees what Cherry says, not the machine: whether that is the one that is known here says ./cogni host check ${this.props.wanted.environment}`,
      );
  }

  /** Why a kept plan is not to be applied now; the account is asked anew. */
  async beforeApplying(state: StateFacts, changes: readonly PlannedChange[]): Promise<readonly string[]> {
    const imports = changes.flatMap(({ address, imports: id }): Import[] =>
      id === undefined ? [] : [{ address, id }],
    );
    const { faults } = await this.ask(state, imports);
    // A plan that removes the host needs nothing of what a host is made of.
    const removesAlone =
      idsOfType(state, 'cherryservers_server').length > 0 &&
      changes.every(({ type, actions }) => type !== 'cherryservers_server' || actions.join() === 'delete');
    const needed = this.props.kind === 'address' || !removesAlone;
    return [...(needed ? faults : []), ...this.plannedFaults(changes)];
  }

  /** Servers that a failed apply left behind, each with the ways back; or why that cannot be said. Never throws. */
  leftBehind(state: StateFacts): Promise<readonly string[]> {
    const { wanted } = this.props;
    return this.listed(
      (servers) => orphansOf(servers, state, wanted).map((server) => orphanAdvice(server, wanted.stack)),
      (why) =>
        `whether it left a server behind that the state does not know cannot be said: ${why}; ./cogni plan ${wanted.stack} asks again before it plans`,
    );
  }

  /** What Terraform took for done and is not. Never throws. */
  afterApplying(state: StateFacts): Promise<readonly string[]> {
    const { stack } = this.props.wanted;
    if (idsOfType(state, 'cherryservers_server').length === 0) return Promise.resolve([]);
    return this.listed(
      (servers) => standingsOf(state, servers).flatMap((each) => standingNote(each, stack) ?? []),
      (why) => `how the server stands at Cherry cannot be said: ${why}`,
    );
  }

  private async listed(
    say: (servers: Awaited<ReturnType<CherryApi['servers']>>) => readonly string[],
    otherwise: (why: string) => string,
  ): Promise<readonly string[]> {
    try {
      return say(await this.props.api.servers(this.props.wanted.projectId));
    } catch (thrown) {
      return [otherwise(messageOf(thrown))];
    }
  }

  private async ask(
    state: StateFacts,
    imports: readonly Import[],
  ): Promise<Preflight & { readonly unknown: boolean }> {
    const wanted: Wanted = { ...this.props.wanted, state, imports };
    const facts = await accountFacts(this.props.api, wanted, { addresses: this.props.kind === 'address' });
    this.#asked = { wanted, facts };
    const judged = this.props.kind === 'host' ? judgePreflight(wanted, facts) : judgeAddress(wanted, facts);
    return { ...judged, unknown: 'trouble' in facts.projects };
  }

  private plannedFaults(changes: readonly PlannedChange[]): readonly string[] {
    if (this.#asked === undefined || this.props.kind === 'address') return [];
    const { wanted, facts } = this.#asked;
    const ofServers = changes.filter(({ type }) => type === 'cherryservers_server');
    const replaced = ofServers.some(
      ({ actions }) => actions.includes('delete') && actions.includes('create'),
    );
    const renewed = ofServers.some(({ actions, wipes }) => wipes || actions.includes('delete'));
    const failed =
      renewed || facts.servers === undefined || !('value' in facts.servers)
        ? []
        : standingsOf(wanted.state, facts.servers.value).flatMap(
            (each) => failedFault(each, wanted.stack) ?? [],
          );
    const fault = replaced ? replacementFault(wanted, facts) : undefined;
    return [...failed, ...(fault === undefined ? [] : [fault])];
  }
}

const unfit = (stack: string, faults: readonly string[], unknown: boolean): Failure =>
  new Failure({
    what: unknown
      ? `${stack} is not planned: the account cannot be asked`
      : `${stack} is not planned: what it needs cannot be had`,
    faults,
    next: `mend it as said above, then: ./cogni plan ${stack}`,
    exitCode: unknown ? ExitCode.failed : ExitCode.refused,
  });
