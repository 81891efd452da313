import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output, Run } from '../../../../foundation/process';
import { destroyStack } from '../../../../infra/plan/destroy-stack';

const state = JSON.stringify({
  version: 4,
  serial: 3,
  lineage: 'l',
  resources: [
    {
      mode: 'managed',
      type: 'cherryservers_server',
      name: 'host',
      instances: [{ attributes: { id: '811288' } }],
    },
  ],
});

describe('removing everything that a stack has made', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-destroy-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function destroy(
    text: string,
    { faults = [], applied = 0 }: { faults?: readonly string[]; applied?: number } = {},
  ): Promise<{ asked: readonly string[]; came: unknown }> {
    const asked: string[] = [];
    const run: Run = ({ argv }) => {
      const words = argv.join(' ').replaceAll(/\S*\/plan\S*/g, 'FILE');
      const known =
        ['state pull', 'plan', 'show', 'apply'].find((word) => words.includes(` ${word} `)) ?? words;
      asked.push(
        words.includes('-destroy') ? 'plan -destroy' : words.endsWith('state pull') ? 'state' : known,
      );
      const output: Output = {
        code: known === 'apply' ? applied : 0,
        signal: null,
        stdout: words.endsWith('state pull') ? text : known === 'show' ? 'the plan' : '',
        stderr: '',
        timedOut: false,
        milliseconds: 1,
      };
      return Promise.resolve(output);
    };
    const came = await destroyStack({
      at: { folder, run },
      stack: 'preview-rehearsal',
      judge: (json) => (json === 'the plan' ? faults : ['it was not shown the plan']),
      again: 'the command again',
      onOutput: () => undefined,
    }).catch((thrown: unknown) => thrown);
    return { asked, came };
  }

  it('applies a plan to destroy that was looked at first', async () => {
    const { asked, came } = await destroy(state);
    expect(came).toEqual(['cherryservers_server.host']);
    expect(asked).toEqual(['state', 'plan -destroy', 'show', 'apply']);
  });

  it('plans nothing where the state has nothing', async () => {
    expect(await destroy('')).toEqual({ asked: ['state'], came: [] });
  });

  it('applies no plan that does something else', async () => {
    const { asked, came } = await destroy(state, { faults: ['it is another server'] });
    expect(asked).not.toContain('apply');
    expect(came).toMatchObject({
      what: expect.stringContaining('preview-rehearsal is not removed'),
      faults: ['it is another server'],
    });
  });

  it('says that something may be left when Terraform does not end well', async () => {
    const { came } = await destroy(state, { applied: 1 });
    expect(came).toMatchObject({
      state: expect.stringContaining('what is left is in the state'),
      next: 'the command again',
    });
  });
});
