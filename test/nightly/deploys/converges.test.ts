import type { Output } from '../../../foundation/process';
import { partName } from '../../../sandbox/world';
import { DeployedWorld } from '../../e2e/deployed-world';
import { changeSetting, playedSetting } from '../../e2e/played-settings';
import { cogni, testWorld, textOf } from '../../e2e/sandbox-cli';

const hour = 60 * 60_000;

/** Whatever a host has come to: the same commands bring it to what they say. One story, in order. */
describe('a deploy, and going back, on a host that', () => {
  const [one, other] = ['a', 'd'].map((letter) => `preview-${letter.repeat(40)}`) as [string, string];
  let world: DeployedWorld;

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(one);
    await world.publish(other);
    succeeded(await world.deploy(other));
  }, hour);
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  const succeeded = (output: Output): string => {
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
    return textOf(output);
  };
  const serves = async (tag: string): Promise<void> => {
    expect(await world.version()).toMatchObject({ buildSha: tag.replace('preview-', '') });
    expect((await world.containers()).filter((name) => name.includes('-app-'))).toHaveLength(1);
    expect(await world.lockIsFree()).toBe(true);
  };
  const application = async (): Promise<string> =>
    (await world.containers()).find((name) => name.includes('-app-')) ?? 'there is no application';

  it(
    'serves just that has nothing to do',
    async () => {
      const before = await world.traces();
      expect(succeeded(await world.deploy(other))).toContain(', as it did before');
      expect(await world.traces()).toBe(before);
      await serves(other);
    },
    hour,
  );

  it(
    'was started again, by itself or with the same version or with another one',
    async () => {
      await world.docker.docker(['restart', '--time=10', world.hostName]);
      await world.until('the site answers again', () =>
        world.version().then(
          () => true,
          () => false,
        ),
      );
      await serves(other);
      succeeded(await world.deploy(other));
      await serves(other);
      succeeded(await world.deploy(one));
      await serves(one);
    },
    hour,
  );

  it(
    'had its application stopped by hand, with the same version',
    async () => {
      await world.onHost('docker', 'stop', await application());
      succeeded(await world.deploy(one));
      await serves(one);
    },
    hour,
  );

  it(
    'had its application crash for good, with another version',
    async () => {
      const crashed = await application();
      await world.onHost('docker', 'update', '--restart=no', crashed);
      await world.onHost('docker', 'kill', crashed);
      succeeded(await world.deploy(other));
      await serves(other);
    },
    hour,
  );

  it(
    'had its database and LiteLLM stopped by hand, with the same version',
    async () => {
      await world.onHost('docker', 'stop', 'cogni-runtime-litellm-1', 'cogni-runtime-postgres-1');
      succeeded(await world.deploy(other));
      await serves(other);
      expect(JSON.parse((await world.ask('/ask?question=ping')).body.toString())).toMatchObject({
        question: 'ping',
      });
    },
    hour,
  );

  it(
    'was to get other passwords with a release that failed: those that serve go on working, and the next deploy brings the others',
    async () => {
      const names = ['OWNER', 'READONLY'] as const;
      const logins = names.map((name) => ({
        user: playedSetting(`${name}_DB_USER`),
        served: playedSetting(`${name}_DB_PASSWORD`),
        wanted: `another-password-of-${name.toLowerCase()}`,
      }));
      const letIn = async (): Promise<unknown> =>
        Promise.all(
          logins.map(async ({ user, served, wanted }) => [
            await world.logsIn(user, served),
            await world.logsIn(user, wanted),
          ]),
        );
      names.forEach((name, index) => changeSetting(`${name}_DB_PASSWORD`, logins[index]?.wanted ?? ''));
      const failed = await world.deploy(
        await world.publish('preview-0000001', '--misbehave', 'exit-at-once'),
      );
      expect(failed.code).toBe(1);
      expect(textOf(failed)).toContain('(what was begun was taken back)');
      await serves(other);
      expect(await letIn()).toEqual([
        [true, false],
        [true, false],
      ]);
      succeeded(await world.deploy(other));
      await serves(other);
      expect(await letIn()).toEqual([
        [false, true],
        [false, true],
      ]);
    },
    hour,
  );

  it(
    'has the images of the release no more: they come from the registry',
    async () => {
      const images = await world.onHost('docker', 'image', 'ls', '--quiet', '--no-trunc');
      const used = await world.onHost('sh', '-c', 'docker inspect --format={{.Image}} $(docker ps --quiet)');
      const unused = [...new Set(images.split('\n'))].filter((image) => !used.includes(image));
      expect(unused).not.toEqual([]);
      await world.onHost('docker', 'image', 'rm', '--force', ...unused);
      expect(succeeded(await world.rollback('--to', one))).toContain('pull the images of the release');
      await serves(one);
    },
    hour,
  );

  it(
    'has them, while no registry answers: they come from the host',
    async () => {
      succeeded(await world.deploy(other));
      await world.docker.docker(['stop', partName(testWorld, 'ghcr')]);
      succeeded(await world.rollback('--to', one));
      await serves(one);
      succeeded(await cogni('sandbox', 'up'));
    },
    hour,
  );
});
