import { planRolling } from '../../../../deploy/rolling/plan';
import { deployCommand } from '../../../../deploy/rolling/request';
import { stepOf } from './plan-reading';
import { emptyHost, propsFor, request, servingHost } from './sample';

const asked = { request: { restartDatabase: true } };
const again = { request: { restartDatabase: true, tag: request.tag } };

describe('a deploy that is asked to restart the database', () => {
  const plan = planRolling(propsFor(servingHost(), asked));
  const lines = stepOf(plan, 'database').actions.flatMap((action) =>
    action.do === 'run' ? [action.command.argv.join(' ')] : [],
  );

  it('makes its container anew, from the files of the release, and says what that costs', () => {
    expect(stepOf(plan, 'database')).toMatchObject({
      name: 'restart the database',
      why: '--restart-database asks for it: requests to it fail for some seconds',
    });
    expect(lines[1]).toMatch(/\/runtime\/\.next\/compose\.yaml .* --force-recreate postgres$/);
  });

  it('makes sure first that the image can read the data', () => {
    expect(lines[0]).toMatch(/PG_VERSION/);
    expect(lines[0]).toContain(request.runtime.images.postgres);
  });

  it('goes back to what it ran from before when it is taken back', () => {
    expect(stepOf(plan, 'database').undo?.map(({ argv }) => argv.join(' '))).toEqual([
      expect.stringMatching(/--file=\/opt\/cogni\/runtime\/compose\.yaml .* postgres$/),
    ]);
  });

  it('records the image that is rendered, which the database then runs from', () => {
    const host = servingHost();
    const other = `hub.cogni.test/library/postgres@sha256:${'9'.repeat(64)}`;
    const containers = host.containers.map((one) =>
      one.service === 'postgres' ? { ...one, image: other } : one,
    );
    const restarted = planRolling(propsFor({ ...host, containers }, asked));
    expect(restarted.release.images.postgres).toBe(request.runtime.images.postgres);
  });

  it('is carried out although the same release serves already', () => {
    expect(planRolling(propsFor(servingHost())).unchanged).toBe(true);
    expect(planRolling(propsFor(servingHost(), again)).unchanged).toBe(false);
  });

  it('starts a database that does not run as any deploy does', () => {
    expect(stepOf(planRolling(propsFor(emptyHost, asked)), 'database').name).toBe('start the database');
  });

  it('names the word in the command that runs it again', () => {
    expect(deployCommand({ ...request, restartDatabase: true })).toBe(
      './cogni deploy preview --image-tag preview-0123abc --restart-database',
    );
  });
});

it('never restarts the database without being asked', () => {
  const host = servingHost();
  const other = propsFor(host, { request: { tag: 'preview-4567def' } });
  expect(stepOf(planRolling(other), 'database')).toMatchObject({
    name: 'start the database',
    actions: [{ command: { argv: expect.arrayContaining(['--no-recreate']) } }],
  });
});
