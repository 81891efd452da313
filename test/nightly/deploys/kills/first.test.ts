import { table } from '../../../../scripts/figures';
import { DeployedWorld } from '../../../e2e/deployed-world';
import { killAndRunAgain, stepsOf, type Victim } from '../../../e2e/killed-deploy';
import { cogni } from '../../../e2e/sandbox-cli';
import { keepReport } from '../../report';
import { buildOf, deployOf, hour, meaning, one } from './every-step';
import { namesOf, ofFirstDeploy } from './where';

/**
 * Takes from a host all that deploys have brought, but for the images of others, whose pull takes long: quicker than a new one, and what a
 * deploy finds is the same.
 */
const asBootstrapped = `set -eu
ours=label=com.docker.compose.project=cogni-runtime
docker ps --all --quiet --filter="$ours" | xargs --no-run-if-empty docker rm --force
docker volume ls --quiet --filter="$ours" | xargs --no-run-if-empty docker volume rm
docker image ls --quiet ghcr.cogni.test/cogni/app | sort --unique | xargs --no-run-if-empty docker image rm --force
find /opt/cogni/runtime -mindepth 1 -delete
echo none > /opt/cogni/edge/caddy/upstream/active
cd /var/lib/cogni/deploy
rm --recursive --force releases current identity.json`;

describe('the first deploy to a host', () => {
  let world: DeployedWorld;
  const rows: string[][] = [];
  const words = deployOf(one);

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(one);
  }, hour);
  afterAll(async () => {
    if (rows.length > 0) {
      keepReport(
        'deploy-kills-first',
        'Killed at every step of the first deploy to a host',
        './cogni test nightly --path deploys/kills/first',
        [
          meaning('Each deploy was killed with SIGKILL as soon as it said that the step begins'),
          'Before each run everything was taken from the host that deploys have brought there, but for the images of others.',
          table(['killed', 'when this begins', 'where it was', 'whole after the second run'], rows),
        ],
      );
    }
    await cogni('sandbox', 'down');
  });

  it.each<Victim>(['client', 'shell', 'host'])(
    'is made whole by the same command, when the %s is killed at any of its steps',
    async (victim) => {
      await world.onHost('sh', '-c', asBootstrapped);
      const steps = await stepsOf(words);
      expect(namesOf(steps)).toEqual([...ofFirstDeploy]);
      for (const step of steps) {
        await world.onHost('sh', '-c', asBootstrapped);
        const at = await killAndRunAgain(world, { words, buildSha: buildOf(one), step, victim });
        rows.push([victim, step.id, at, 'yes']);
      }
    },
    2 * hour,
  );
});
