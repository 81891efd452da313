import { readPlan } from '../../review';

/**
 * Why a plan does something else than to remove what a rehearsal has made: nothing, where it removes all of that and nothing more. Pure.
 *
 * @param json a plan as `terraform show -json` prints it
 * @param hostName the host name of the only server that may go
 */
export function removalFaults(json: string, hostName: string): readonly string[] {
  return (readPlan(json).resource_changes ?? []).flatMap(({ address, mode, type, change }) => {
    const { actions, before } = change;
    if (mode !== 'managed' || actions.every((action) => action === 'no-op')) return [];
    if (actions.join() !== 'delete') return [`${address} would not only be removed (${actions.join(', ')})`];
    if (type !== 'cherryservers_server') return [];
    const name = (before as { readonly hostname?: unknown } | null)?.hostname ?? null;
    return name === hostName ? [] : [`${address} is the server ${JSON.stringify(name)}, not "${hostName}"`];
  });
}
