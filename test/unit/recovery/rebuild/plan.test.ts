import { planRebuild, stageIds, type RebuildShape } from '../../../../recovery/rebuild/plan';
import { begun, shape } from './sample';

const ids = (changed: Partial<RebuildShape>): readonly string[] =>
  planRebuild({ ...shape, ...changed }).groups.map((group) => group.map(({ id }) => id).join(' + '));

describe('the stages of a rebuild', () => {
  it('take what is given up out of the way before another host is ordered, and fill that from off the host', () => {
    expect(ids({})).toEqual([
      'fence',
      'forget',
      'aside',
      'plan',
      'provision',
      'bootstrap',
      'files + restore + pull',
      'dns',
      'deploy',
      'backup',
      'secrets',
      'drill',
    ]);
  });

  it('begin with the key that is to be ended, where what is given up cannot be switched off', () => {
    expect(ids({ begun: { ...begun, oldKey: 'old' } }).slice(0, 2)).toEqual(['revoke', 'fence']);
    const elsewhere = { ...begun, givenUp: { address: '192.0.2.7' }, oldKey: 'old' };
    expect(ids({ host: 'existing', begun: elsewhere }).slice(0, 2)).toEqual(['revoke', 'aside']);
  });

  it('order nothing for a host that is reached by its address', () => {
    expect(
      ids({ host: 'existing', begun: { ...begun, givenUp: { address: '192.0.2.7' } } }).slice(0, 3),
    ).toEqual(['aside', 'bootstrap', 'files + restore + pull']);
  });

  it('give nothing up where the machine is there already and holds nothing', () => {
    expect(ids({ begun: { ...begun, replaces: false } }).slice(0, 2)).toEqual([
      'bootstrap',
      'files + restore + pull',
    ]);
  });

  it('have nothing to take out of the way where no server is known', () => {
    expect(ids({ begun: { ...begun, givenUp: {} } })[0]).toBe('forget');
  });

  it('bring no files back where no copy is used', () => {
    expect(ids({ begun: { ...begun, copy: null } })).toContain('restore + pull');
  });

  it('say of each part why, by what it is known to be done, and what it leaves', () => {
    const stages = planRebuild({ ...shape, begun: { ...begun, oldKey: 'old' } }).groups.flat();
    expect(stages.map(({ id }) => id)).toEqual(stageIds);
    for (const { name, why, doneWhen, leaves } of stages)
      for (const text of [name, why, doneWhen, leaves]) expect(text).not.toBe('');
    expect(stages.find(({ id }) => id === 'fence')?.name).toContain('server 811287');
    expect(stages.find(({ id }) => id === 'dns')?.person).toContain('A record of preview.example.org');
  });
});
