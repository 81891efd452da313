import { edgeState } from '../../../../deploy/edge/state';
import { maintenanceOn } from '../../../../deploy/maintenance';
import type { Step } from '../../../../deploy/step';
import { first, linesOf, stepOf } from '../rolling/plan-reading';

/** Paths below the folder of the edge that a step writes, or gives a file by a rename. */
const madeBy = ({ actions }: Step): string[] =>
  actions
    .flatMap((action) =>
      action.do === 'write'
        ? action.files.map(({ path }) => `${action.folder}/${path}`)
        : action.do === 'run' && action.command.argv[0] === 'mv'
          ? action.command.argv.slice(-1)
          : [],
    )
    .map((path) => path.replace('/opt/cogni/edge/', ''));

describe('what of the folder of the edge is state', () => {
  it('is all that maintenance makes there', () => {
    const on = maintenanceOn(
      { environment: 'preview', by: { who: 'ada', from: 'laptop' }, at: new Date('2026-11-21T08:15:00Z') },
      { state: 'off' },
    );
    expect(madeBy(on)).toEqual(['caddy/upstream/.maintenance.next', 'caddy/upstream/maintenance']);
    expect(edgeState).toEqual(expect.arrayContaining(madeBy(on)));
  });

  it('is what the switch of a deploy makes there, but for the file that is rendered', () => {
    const made = madeBy(stepOf(first, 'switch'));
    expect(made).toEqual(['caddy/upstream/.active.next', 'caddy/upstream/active']);
    expect(edgeState).toContain(made[0]);
    const kept = linesOf(first, 'stage').find((line) => line.startsWith('cp '));
    expect(edgeState).toContain(kept?.split(' ').at(-1)?.replace('/opt/cogni/edge/', ''));
    expect(edgeState).not.toContain(made[1]);
  });
});
