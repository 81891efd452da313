import { layout } from './layout';
import type { DeployPlan } from './plan';
import type { HostFacts } from './survey';

/**
 * What was changed on the host by hand since the serving release was recorded: said before a deploy puts the rendered
 * files back in its place. The record holds hashes of all files but the settings; of those it is known that they were
 * written to.
 *
 * @returns one note for each file that the plan will replace
 */
export function handEdits(
  { release, files, settingsEdited }: HostFacts,
  plan: DeployPlan,
): readonly string[] {
  if (release === undefined || plan.unchanged) return [];
  const edited = Object.entries(release.files)
    // What is only a first content belongs to whoever changes it.
    .filter(([path, hash]) => plan.replaces.includes(path) && files[path] && files[path].hash !== hash)
    .map(([path]) => path);
  const { settings, folder } = layout.runtime;
  return [...edited, ...(settingsEdited && plan.replaces.includes(settings) ? [settings] : [])].map(
    (path) =>
      `${folder}/${path} was changed on the host after ${release.id} had been recorded: the deploy replaces it with what is rendered`,
  );
}
