import { CherryApiError, type CherryApi } from './client';
import { isAddress, type AccountFacts, type Asked, type Wanted } from './preflight';

/**
 * Asks the API for everything that a preflight judges, one question after the other. What cannot be had is said in its
 * place; with a token that is not known nothing more is asked.
 *
 * @param more `addresses`: those of the project are asked for even where the state has none
 */
export async function accountFacts(
  api: CherryApi,
  { plan: slug, projectId, state }: Pick<Wanted, 'plan' | 'projectId' | 'state'>,
  more: { readonly addresses?: boolean } = {},
): Promise<AccountFacts> {
  let hopeless: string | undefined;
  const asked = async <T>(question: () => Promise<T>): Promise<Asked<T>> => {
    if (hopeless !== undefined) return { trouble: hopeless };
    try {
      return { value: await question() };
    } catch (thrown) {
      if (!(thrown instanceof CherryApiError)) throw thrown;
      // Every further answer would be the same, and each would be waited for.
      if (['token', 'silent', 'broken', 'limited', 'foreign'].includes(thrown.trouble))
        hopeless = thrown.message;
      return { trouble: thrown.message };
    }
  };
  const projects = await asked(() => api.projects());
  const plan = await asked(() => api.plan(slug));
  const unknown = 'value' in plan && plan.value === undefined;
  const plans = unknown ? await asked(() => api.plans()) : { value: [] };
  const images = 'value' in plan && !unknown ? await asked(() => api.images(slug)) : undefined;
  const keys = await asked(() => api.keys());
  const visible = 'value' in projects && projects.value.some(({ id }) => id === projectId);
  const servers = visible ? await asked(() => api.servers(projectId)) : undefined;
  const addresses =
    visible && (more.addresses || Object.keys(state.ids).some(isAddress))
      ? await asked(() => api.addresses(projectId))
      : undefined;
  return {
    projects,
    plan,
    plans,
    keys,
    ...(servers ? { servers } : {}),
    ...(images ? { images } : {}),
    ...(addresses ? { addresses } : {}),
  };
}
