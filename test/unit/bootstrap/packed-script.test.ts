import { gunzipSync } from 'node:zlib';
import { assembleScript } from '../../../bootstrap/assemble';
import { scriptOfSources } from '../../../bootstrap/pack-script';
import { packedScript } from '../../../bootstrap/packed-script';
import { phases } from '../../../bootstrap/phases';
import { atWorkAtMost } from '../../../deploy/edge/replace';
import { layout } from '../../../deploy/rolling/layout';

describe('the packed script', () => {
  test('is what its sources make; "npm run bootstrap-script" packs it again', () => {
    expect(gunzipSync(Buffer.from(packedScript, 'base64')).toString()).toBe(scriptOfSources());
  });
});

describe('the phase of the edge', () => {
  test('waits where `edge apply` works, and for as long as that may take', () => {
    const { atWork } = layout.edge;
    expect(scriptOfSources()).toContain(
      `\nedge_at_work=${atWork.replace(/^\/var\/lib\/cogni/, () => '$state')}\n`,
    );
    const waits = [...scriptOfSources().matchAll(/flock -w (\d+) "\$edge_at_work"/g)];
    expect(waits.map(([, seconds]) => Number(seconds) * 1000)).toEqual([atWorkAtMost, atWorkAtMost]);
  });
});

describe('assembling the script', () => {
  test('puts the phases in their order between what all use and the story', () => {
    const assembled = assembleScript((name) => `in_${name}() { :; }\n`);
    const functions = [...assembled.matchAll(/^in_(\w+)\(\)/gm)].map(([, name]) => name);
    expect(functions).toEqual(['core', ...phases, 'main']);
    expect(assembled).toMatch(/^#!\/usr\/bin\/env bash\n/);
    expect(assembled).toMatch(/\nmain "\$@"\n$/);
  });

  test('names the phases to the script itself, and every one has its function', () => {
    expect(scriptOfSources()).toContain(`\nphases=(${phases.join(' ')})\n`);
    for (const phase of phases) expect(scriptOfSources()).toContain(`\nphase_${phase}() {\n`);
  });

  test('leaves comments and empty lines behind, but not directives, nor what only looks like a comment', () => {
    const source = '# why\n\n  # also why\n# shellcheck source=settings\necho "# no comment"\n#!odd\n';
    expect(assembleScript((name) => (name === 'core' ? source : ''))).toContain(
      '\n# shellcheck source=settings\necho "# no comment"\nphases=',
    );
  });
});
