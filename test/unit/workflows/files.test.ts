import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { load } from 'js-yaml';
import { workflowFiles } from '../../../scripts/workflows';
import { pinOf, renderWorkflow, scriptOf, workflowsFolder } from '../../../workflows';
import lock from '../../../workflows/actions.lock.json';
import { job, workflow } from './example';

const checkout = resolve(__dirname, '..', '..', '..');

describe('.github/workflows', () => {
  const files = workflowFiles();

  it.each([...files])('%s is what npm run workflows makes today', (path, text) => {
    expect(readFileSync(join(checkout, path), 'utf8')).toBe(text);
  });

  it('holds nothing else', () => {
    const there = readdirSync(join(checkout, workflowsFolder)).map((file) => join(workflowsFolder, file));
    expect(there.sort()).toEqual([...files.keys()].sort());
  });

  it('keeps plans where git does not look, so that a checkout in which one is applied holds nothing but its commit', () => {
    const apply = files.get(join(workflowsFolder, 'infra-apply.yml')) ?? '';
    const folder = /\.\/cogni apply "\$TARGET" (\w+)\/host\.plan/.exec(apply)?.[1] ?? '';
    const ignored = readFileSync(join(checkout, '.gitignore'), 'utf8').split('\n');
    expect(ignored).toContain(`/${folder}/`);
  });

  it('keeps the picture of where the time went of every deploy and rollback, where git does not look', () => {
    const ignored = readFileSync(join(checkout, '.gitignore'), 'utf8').split('\n');
    for (const text of files.values()) {
      const runs = [...text.matchAll(/run: \.\/cogni (?:deploy|rollback) (\w+) (.*)/g)];
      for (const [, name, rest = ''] of runs) {
        const file = / --timeline (\S+)$/.exec(rest)?.[1] ?? 'none';
        expect(text).toContain(`name: timeline-${name}\n          path: ${file}\n`);
        expect(ignored).toContain(`/${file.split('/', 1)[0]}/`);
      }
    }
    const releasing = [...files.values()].filter((text) => /cogni (deploy|rollback) .*--timeline/.test(text));
    expect(releasing.length).toBeGreaterThan(3);
  });

  it('says in every file what made it, and how to make it again', () => {
    for (const text of files.values()) {
      expect(text).toMatch(/^# Generated from workflows\/ .*Make it again: npm run workflows\n/);
    }
  });
});

describe('a rendered workflow', () => {
  it('is the same on every run, and names the version of each action', () => {
    const rendered = renderWorkflow(
      workflow(
        job({ steps: [{ name: 'x', uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1' }] }),
      ),
    );
    expect(rendered).toBe(
      renderWorkflow(
        workflow(
          job({ steps: [{ name: 'x', uses: 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1' }] }),
        ),
      ),
    );
    expect(rendered).toContain('uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1\n');
  });

  it('says of every right beyond reading the sources what it is for', () => {
    const rights = job({ role: 'build', permissions: { contents: 'read', packages: 'write' } });
    expect(renderWorkflow(workflow(rights))).toContain(
      '      contents: read\n      packages: write # pushes images, and gives them tags\n',
    );
  });

  it('gives no right to anything but what a job names', () => {
    expect(load(renderWorkflow(workflow()))).toMatchObject({
      permissions: {},
      jobs: { work: { permissions: { contents: 'read' } }, gate: { permissions: {} } },
    });
  });
});

describe("a step's command", () => {
  it('quotes what comes in through a variable', () => {
    expect(
      scriptOf({
        name: 'x',
        cogni: ['deploy', 'preview', '--image-tag', { variable: 'COMMIT', prefix: 'preview-', example: 'a' }],
      }),
    ).toBe('./cogni deploy preview --image-tag "preview-$COMMIT"');
  });

  it('leaves an option out while its variable is empty', () => {
    expect(
      scriptOf({ name: 'x', cogni: ['apply', { variable: 'WIPE', option: '--wipe', example: 'a' }] }),
    ).toBe('./cogni apply ${WIPE:+--wipe "$WIPE"}');
  });

  it('takes exit codes that are a verdict for success, and no other', () => {
    expect(scriptOf({ name: 'x', cogni: ['plan'], alsoGood: [10, 11] }).split('\n')).toEqual([
      'code=0',
      './cogni plan || code=$?',
      'case "$code" in',
      '  0 | 10 | 11) ;;',
      '  *) exit "$code" ;;',
      'esac',
    ]);
  });

  it.each(['a b', '$(id)', '', '"', '${{ inputs.x }}', '`id`', 'a;b', '*'])(
    'does not take %j for a word',
    (word) => {
      expect(() => scriptOf({ name: 'x', cogni: [word] })).toThrow(/hand it in as a variable/);
    },
  );
});

describe('workflows/actions.lock.json', () => {
  it.each(Object.entries(lock))(
    'has the full commit of %s, its version and where it was looked up',
    (name, pin) => {
      expect(pin).toEqual({
        version: expect.stringMatching(/^v\d+\.\d+\.\d+$/),
        commit: expect.stringMatching(/^[0-9a-f]{40}$/),
        source: `github.com/${name}, tag ${pin.version}`,
        lookedUp: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      });
      expect(pinOf(`${name}@${pin.commit}`)).toEqual(pin);
      expect(pinOf(`${name}@${pin.commit.slice(0, 39)}`)).toBeUndefined();
    },
  );
});
