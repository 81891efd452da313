import { runtimeServices } from '../../services';
import { hashOf, releaseFiles, type ReleaseFile } from './files';
import { layout } from './layout';
import type { PlanProps } from './plan';
import { recordedImages } from './record';
import { spoiltFiles } from './spoilt';

/** Why a deploy makes LiteLLM anew, whose requests fail meanwhile. */
export interface ProxyChange {
  /** Otherwise it depends on whether it is LiteLLM that reads what has changed, which Compose alone tells. */
  readonly certain: boolean;
  readonly why: string;
}

/**
 * What of LiteLLM differs from what runs; undefined where nothing does, or none runs. Pure: the contents of the host's files are
 * known by their hashes alone, so a change of settings, or of how services are run, may be that of another service.
 *
 * @param files of the release
 * @param resettled what serves was started with other settings
 */
export function proxyChange(
  { request, settings, facts }: Pick<PlanProps, 'request' | 'settings' | 'facts'>,
  files: readonly ReleaseFile[],
  resettled: boolean,
): ProxyChange | undefined {
  const service = runtimeServices.litellm;
  const running = facts.containers.find((container) => container.service === service);
  const wanted = request.runtime.litellm;
  if (running === undefined || wanted === undefined) return undefined;
  const certain = [
    ...(running.image === wanted.image ? [] : ['its image']),
    // Its folder is named by its content: a changed one is another, or was changed on the host.
    ...(files.some(({ path }) => path.startsWith(`${service}/`) && facts.files[path] === undefined) ||
    spoiltFiles(service, files, facts.files).length > 0
      ? ['its configuration']
      : []),
  ];
  if (certain.length > 0) return { certain: true, why: `${certain.join(' and ')} changed` };
  const maybe = [
    ...(resettled ? ['settings'] : []),
    ...(isDefinedOtherwise({ request, settings, facts }) ? ['how services are run'] : []),
  ];
  return maybe.length === 0 ? undefined : { certain: false, why: `${maybe.join(' and ')} changed` };
}

/** Compares the Compose file of what serves with what it would be today: in its slot, with its images. */
function isDefinedOtherwise({
  request,
  settings,
  facts: { release },
}: Pick<PlanProps, 'request' | 'settings' | 'facts'>): boolean {
  if (release === undefined) return false;
  const today = releaseFiles(request.runtime, settings, recordedImages(release), release.slot);
  const { compose } = layout.runtime;
  const content = today.find(({ path }) => path === compose)?.content ?? '';
  return release.files[compose] !== hashOf(content);
}
