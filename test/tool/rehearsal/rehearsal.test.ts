import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinned } from '../../../workflows/actions';
import type { Job, Step, Workflow } from '../../../workflows';
import type { RepositoryEvent } from '../../rehearsal/event';
import type { PlayedJob } from '../../rehearsal/job';
import type { RehearsalProps } from '../../rehearsal/rehearsal';
import { job, workflow } from '../../unit/workflows/example';
import { Forge } from './forge';

const say = (...run: readonly string[]): Step => ({ name: 'Say', run });
const checkout: Step = {
  name: 'Check out',
  uses: pinned('actions/checkout'),
  with: { ref: '${{ github.sha }}', 'persist-credentials': false },
};

/** Jobs beside the one called `work`; none of them has a gate. */
const jobs = (all: Readonly<Record<string, Job>>, change: Partial<Workflow> = {}): Workflow =>
  workflow(job(), { jobs: all, ...change });

describe('a rehearsal', () => {
  let forge: Forge;
  beforeEach(async () => {
    forge = await Forge.make();
  });
  afterEach(() => forge.remove());

  /** Pushes one workflow to main and plays it. */
  async function pushed(each: Workflow, change: Partial<RehearsalProps> = {}) {
    const after = await forge.commit('main', [each]);
    const rehearsal = forge.rehearsal(change);
    const { 'example.yml': run } = await rehearsal.play({
      kind: 'push',
      branch: 'main',
      before: after,
      after,
    });
    if (run === undefined) throw new Error('it did not run');
    return run;
  }
  const worked = async (work: Job, change: Partial<RehearsalProps> = {}): Promise<PlayedJob> => {
    const { jobs: played } = await pushed(workflow(work), change);
    return played['work'] as PlayedJob;
  };

  it('hands on what a step leaves: outputs, variables, its page, annotations', async () => {
    const made: Step = {
      name: 'Make',
      id: 'make',
      run: [
        'echo "tag=v1" >> "$GITHUB_OUTPUT"',
        'echo "LATER=yes" >> "$GITHUB_ENV"',
        'echo "# Made" >> "$GITHUB_STEP_SUMMARY"',
        'echo "::warning::look"',
      ],
    };
    const used: Step = {
      name: 'Use',
      env: { TAG: '${{ steps.make.outputs.tag }}' },
      run: ['echo "$TAG $LATER"'],
    };
    const { jobs: played, result } = await pushed(
      jobs({
        one: job({ steps: [made, used], outputs: { tag: '${{ steps.make.outputs.tag }}' } }),
        two: job({
          needs: ['one'],
          steps: [{ ...say('echo "got $TAG"'), env: { TAG: '${{ needs.one.outputs.tag }}' } }],
        }),
      }),
    );
    expect(result).toBe('success');
    expect(played['one']).toMatchObject({
      outputs: { tag: 'v1' },
      log: expect.stringContaining('v1 yes\n'),
      summary: '# Made\n',
      annotations: [{ level: 'warning', message: 'look' }],
    });
    expect(played['two']?.log).toContain('got v1');
  });

  it('fails a step whose command fails, in the middle of a pipe too, and skips what comes after it', async () => {
    const after = { ...say('echo always'), name: 'After', when: '!cancelled()' };
    const { result, steps, log } = await worked(
      job({ steps: [say('false | cat'), say('echo never'), after] }),
    );
    expect(result).toBe('failure');
    expect(steps.map((each) => each.result)).toEqual(['failure', 'skipped', 'success']);
    expect(log).toMatch(/exit code 1[\s\S]*always/);
    expect(log).not.toContain('never');
  });

  it('skips a job whose need has failed or was skipped, and what looks at all of them fails', async () => {
    const { jobs: played, result } = await pushed(
      jobs({
        fails: job({ steps: [say('exit 3')] }),
        next: job({ needs: ['fails'] }),
        last: job({ needs: ['next'] }),
        told: job({ needs: ['last'], when: '!cancelled()' }),
        gate: job({
          needs: ['fails', 'next', 'last', 'told'],
          when: 'always()',
          steps: [
            {
              ...say(`jq --exit-status 'all(. == "success")' <<< "$RESULTS"`),
              env: { RESULTS: '${{ toJSON(needs.*.result) }}' },
            },
          ],
        }),
      }),
    );
    expect(Object.entries(played).map(([id, each]) => `${id} ${each.result}`)).toEqual([
      'fails failure',
      'next skipped',
      'last skipped',
      'told success',
      'gate failure',
    ]);
    expect(result).toBe('failure');
  });

  it('gives each job a machine of its own, at the commit that was pushed, and nothing of this one', async () => {
    process.env['P1ANTED'] = 'of this process';
    try {
      const look = say(
        'ls -A',
        'echo "planted: ${P1ANTED:-none}"',
        'git log --format=%H',
        'git remote -v',
        'touch left',
      );
      const { jobs: played } = await pushed(
        jobs({ one: job({ steps: [checkout, look] }), two: job({ needs: ['one'], steps: [look] }) }),
      );
      const commit = await forge.origin.headOf('main');
      expect(played['one']?.log).toContain(commit);
      expect(played['one']?.log).toContain('planted: none');
      expect(played['two']?.result).toBe('failure');
      expect(played['two']?.log).not.toContain('left');
    } finally {
      delete process.env['P1ANTED'];
    }
  });

  it('ends what a step has left running when its job ends, and throws its machine away', async () => {
    let root = '';
    const machine = (folder: string): Record<string, string> => {
      root = folder;
      return { PATH: process.env['PATH'] ?? '' };
    };
    const left = say('sleep 1000 > /dev/null 2>&1 &', 'echo "process $!"');
    const { log } = await worked(job({ steps: [left, say('ls "$RUNNER_TEMP"')] }), { machine });
    const id = /process (\d+)/.exec(log)?.[1] ?? '';
    const gone = (): boolean =>
      !existsSync(`/proc/${id}`) || /\) Z /.test(readFileSync(`/proc/${id}/stat`, 'utf8'));
    for (let tries = 0; tries < 200 && !gone(); tries += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(gone()).toBe(true);
    expect(root).not.toBe('');
    expect(existsSync(join(root, 'work'))).toBe(false);
  });

  it('takes its workflows from the commit that they run for, not from the branch as it is', async () => {
    const before = await forge.commit('main', [workflow(job({ steps: [say('echo old')] }))]);
    await forge.commit('main', [workflow(job({ steps: [say('echo new')] }))]);
    const played = await forge.rehearsal().play({ kind: 'push', branch: 'main', before, after: before });
    expect(played['example.yml']?.jobs['work']?.log).toContain('old');
  });

  it('does something else in the place of a script only where that is said, and says why', async () => {
    const standIns = { 'echo done': 'it would take too long' };
    const { steps, log } = await worked(job({ steps: [say('echo done'), say('echo more')] }), { standIns });
    expect(steps).toEqual([
      { name: 'Say', result: 'success', standIn: 'it would take too long' },
      { name: 'Say', result: 'success' },
    ]);
    expect(log).not.toContain('done');
  });

  it.each<[string, Step, RegExp]>([
    [
      'an action',
      { name: 'x', uses: `somebody/else@${'0'.repeat(40)}` },
      /nobody plays the action somebody\/else/,
    ],
    ['another commit of one', { name: 'x', uses: `actions/checkout@${'0'.repeat(40)}` }, /nobody plays/],
    ['an input of one', { ...checkout, with: { ref: 'main', lfs: true } }, /not played with lfs/],
    ['a checkout that keeps its token', { ...checkout, with: { ref: 'main' } }, /keeps its token/],
    ['a name', { ...say('echo'), env: { A: '${{ github.shaa }}' } }, /"shaa" is no property/],
    [
      'a step that comes later',
      { ...say('echo'), env: { A: '${{ steps.later.outputs.x }}' } },
      /"later" is no property/,
    ],
    ['a secret in a condition', { ...say('echo'), when: 'secrets.KEY' }, /"secrets" is no context here/],
  ])('ends as a whole at what nobody knows: %s', async (_what, step, says) => {
    await expect(worked(job({ steps: [step] }))).rejects.toThrow(says);
  });

  describe('of artifacts', () => {
    const keep = (name: string): Step => ({
      name: 'Keep',
      uses: pinned('actions/upload-artifact'),
      with: { name, path: 'out', 'if-no-files-found': 'error', 'retention-days': 5 },
    });
    const fetch = (given: Record<string, string | boolean>): Step => ({
      name: 'Fetch',
      uses: pinned('actions/download-artifact'),
      with: given,
    });
    const made = say('mkdir out', 'echo kept > out/file');

    it('gives a later job what an earlier one has kept, by its name or a beginning of it', async () => {
      const { jobs: played } = await pushed(
        jobs({
          one: job({ steps: [made, keep('of-one')] }),
          two: job({ needs: ['one'], steps: [fetch({ name: 'of-one', path: 'in' }), say('cat in/file')] }),
          three: job({
            needs: ['one'],
            steps: [fetch({ pattern: 'of-*', path: 'in', 'merge-multiple': true }), say('cat in/file')],
          }),
          four: job({ needs: ['one'], steps: [fetch({ name: 'of-two', path: 'in' })] }),
          five: job({
            needs: ['one'],
            steps: [fetch({ pattern: 'of', path: 'in', 'merge-multiple': true }), say('ls in')],
          }),
        }),
      );
      expect(played['two']?.log).toContain('kept');
      expect(played['three']?.log).toContain('kept');
      expect(played['four']).toMatchObject({
        result: 'failure',
        log: expect.stringContaining('not found for name: of-two'),
      });
      // A pattern may find nothing; one without a star is the whole name.
      expect(played['five']).toMatchObject({ result: 'success', log: expect.not.stringContaining('file') });
    });

    it('gives another run nothing without the right to it', async () => {
      const { id } = await pushed(workflow(job({ steps: [made, keep('plan')] })));
      const asked = fetch({
        name: 'plan',
        path: 'in',
        'run-id': String(id),
        'github-token': '${{ github.token }}',
      });
      const steps = [asked, say('cat in/file')];
      expect((await worked(job({ steps }))).log).toContain('not accessible');
      const rights = { contents: 'read', actions: 'read' } as const;
      expect((await worked(job({ steps, permissions: rights }))).log).toContain('kept');
    });

    it('fails where there is nothing to keep, and where the name is taken', async () => {
      expect((await worked(job({ steps: [keep('none')] }))).log).toContain('No files were found');
      expect((await worked(job({ steps: [made, keep('two'), keep('two')] }))).log).toContain(
        'already exists',
      );
    });
  });

  describe('of secrets', () => {
    const reads = { ...say('echo "key: $KEY"'), env: { KEY: '${{ secrets.KEY }}' } };
    const environments = { production: { branches: ['main'] }, preview: { branches: ['staging'] } };

    it('gives a job those of the repository and of its environment', async () => {
      forge.secrets.set('repository/KEY', 'shared').set('production/KEY', 'own');
      expect((await worked(job({ steps: [reads] }))).log).toContain('key: shared');
      expect(
        (await worked(job({ steps: [reads], environment: 'production' }), { environments })).log,
      ).toContain('key: own');
    });

    it('leaves one empty that nobody has set, as GitHub does', async () => {
      expect((await worked(job({ steps: [reads] }))).log).toContain('key: \n');
    });

    it('is an error for a job that belongs to another environment, or to none', async () => {
      forge.secrets.set('production/KEY', 'own');
      await expect(worked(job({ steps: [reads] }))).rejects.toThrow(
        "work reads KEY, which is production's, and belongs to no environment",
      );
      const preview = { preview: { branches: ['main'] } };
      await expect(
        worked(job({ steps: [reads], environment: 'preview' }), { environments: preview }),
      ).rejects.toThrow('belongs to preview');
    });

    it('does not let a branch belong to an environment of another one, nor to one that there is not', async () => {
      const { result, log } = await worked(job({ environment: 'preview' }), { environments });
      expect([result, log]).toEqual([
        'failure',
        expect.stringContaining('main is not allowed to deploy to preview'),
      ]);
      await expect(worked(job({ environment: 'lab' }), { environments })).rejects.toThrow(
        'no environment "lab"',
      );
    });

    it('asks the reviewers first, and does not begin when they refuse', async () => {
      const asked: string[] = [];
      const review = (answer: boolean) => ({
        production: { branches: ['main'], review: (id: string) => (asked.push(id), answer) },
      });
      const work = job({ environment: 'production' });
      expect((await worked(work, { environments: review(true) })).result).toBe('success');
      expect(await worked(work, { environments: review(false) })).toMatchObject({
        result: 'failure',
        steps: [],
      });
      expect(asked).toEqual(['work', 'work']);
    });

    it('is an error for a pull request from a fork', async () => {
      forge.secrets.set('repository/KEY', 'shared');
      const each = workflow(job({ steps: [checkout, reads] }), {
        on: { pullRequest: { branches: ['main'] } },
      });
      const base = await forge.commit('main', [each]);
      const head = await forge.origin.commit(base, { file: 'new' }, 'A change');
      const event = (from: string): RepositoryEvent => ({
        ...{ kind: 'pull_request', number: 7, base: 'main', from, merge: head },
        head: { branch: 'change', commit: head },
      });
      await expect(forge.rehearsal().play(event('somebody/example'))).rejects.toThrow(
        'a pull request from a fork gets no secret',
      );
      const own = await forge.rehearsal().play(event('cogni-dao/example'));
      expect(own['example.yml']?.jobs['work']?.log).toContain('key: shared');
    });
  });

  describe('started by hand', () => {
    const on = {
      dispatch: {
        inputs: {
          where: { description: 'x', required: true, options: ['here', 'there'] },
          why: { description: 'x', required: false },
        },
      },
    };
    const echo = {
      ...say('echo "$WHERE/$WHY."'),
      env: { WHERE: '${{ inputs.where }}', WHY: '${{ inputs.why }}' },
    };
    const dispatch = async (inputs: Readonly<Record<string, string>>) => {
      const commit = await forge.commit('main', [workflow(job({ steps: [echo] }), { on })]);
      const event = {
        kind: 'workflow_dispatch',
        file: 'example.yml',
        branch: 'main',
        commit,
        inputs,
      } as const;
      return (await forge.rehearsal().play(event))['example.yml'];
    };

    it('has the inputs; one that was left out is empty', async () => {
      expect((await dispatch({ where: 'here' }))?.jobs['work']?.log).toContain('here/.');
    });

    it('is refused with inputs that GitHub would not take', async () => {
      await expect(dispatch({})).rejects.toThrow("Required input 'where' not provided");
      await expect(dispatch({ where: 'nowhere' })).rejects.toThrow('not in the list');
      await expect(dispatch({ where: 'here', what: 'x' })).rejects.toThrow(
        'Unexpected inputs provided: what',
      );
    });
  });
});
