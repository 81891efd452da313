import { planText } from '../../../../deploy/plan-text';
import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import { fullName } from '../../../../deploy/rolling/image-names';
import { ids, linesOf, other, stepOf } from './plan-reading';
import { propsFor, request, servingHost } from './sample';

const gone = `${request.repository}@sha256:${'9'.repeat(64)}`;
const room = { needed: 3 * 1024 ** 3, images: [gone] };
const planWith = (more: { room?: typeof room }): DeployPlan =>
  planRolling({
    ...propsFor(
      { ...servingHost(), images: [gone], freeBytes: 2 * 1024 ** 3 },
      { request: { tag: 'preview-4567def' }, images: other },
    ),
    ...more,
  });

describe('a host with too little room for a release', () => {
  const plan = planWith({ room });

  test('has images removed under the lock, before anything is pulled', () => {
    expect(ids(plan).slice(0, 6)).toEqual(['lock', 'room', 'pull-third-party', 'pull', 'judge', 'wait']);
    expect(ids(planWith({})).slice(0, 5)).toEqual(['pull-third-party', 'pull', 'judge', 'lock', 'wait']);
    expect(ids(plan).filter((id) => id === 'lock')).toHaveLength(1);
  });

  test('is measured again then, and fails where that was not enough', () => {
    const [removed, measured] = linesOf(plan, 'room');
    expect(removed).toBe(`docker image rm ${gone}`);
    expect(measured).toMatch(/^sh -c free=\$\(df .* sh 3221225472$/);
    const [first, second] = stepOf(plan, 'room').actions;
    // What a container still has is no reason to fail; too little is.
    expect(first).toMatchObject({ expect: { exit: [0, 1] } });
    expect(second).not.toHaveProperty('expect');
  });

  test('is left alone where there is enough meanwhile', () => {
    expect(stepOf(plan, 'room').doneWhen?.map(({ command }) => command.argv.at(-1))).toEqual(['3221225472']);
  });

  test('is announced in the plan, with every image', () => {
    expect(planText(plan)).toContain('2.0 GiB are free and 3.0 GiB are needed');
    expect(planText(plan)).toContain(`$ docker image rm ${gone}`);
  });

  test('has no image removed twice', () => {
    expect(ids(plan)).not.toContain('prune');
    expect(ids(planWith({}))).toContain('prune');
  });
});

describe('the name of an image', () => {
  test.each([
    ['postgres@sha256:1', 'docker.io/library/postgres@sha256:1'],
    ['grafana/alloy@sha256:1', 'docker.io/grafana/alloy@sha256:1'],
    ['ghcr.io/a/b@sha256:1', 'ghcr.io/a/b@sha256:1'],
    ['localhost/a@sha256:1', 'localhost/a@sha256:1'],
    ['registry:5000/a@sha256:1', 'registry:5000/a@sha256:1'],
  ])('%s is that of records and plans in full', (listed, full) => {
    expect(fullName(listed)).toBe(full);
    expect(fullName(full)).toBe(full);
  });
});
