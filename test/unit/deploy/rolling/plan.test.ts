import * as fc from 'fast-check';
import { planJson, planText } from '../../../../deploy/plan-text';
import { layout } from '../../../../deploy/rolling/layout';
import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import { edgeProject, runtimeProject } from '../../../../services';
import { first, other, update, stepOf, allCommands } from './plan-reading';
import { propsFor, request, servingHost, settingsSource } from './sample';

describe('every plan', () => {
  test('gives every command a deadline', () => {
    for (const plan of [first, update]) {
      for (const { argv, deadline } of allCommands(plan)) {
        expect([argv.join(' '), deadline > 0 && deadline <= 16 * 60_000]).toEqual([argv.join(' '), true]);
      }
    }
  });

  test('says of every step why it is done, what it leaves, and what to run next', () => {
    for (const step of [...first.steps, ...update.steps]) {
      expect([step.id, step.why, step.leaves, step.next].every((text) => text !== '')).toBe(true);
      expect(step.next).toContain('./cogni deploy preview --image-tag preview-');
    }
  });

  test('never takes the edge down, nor the project of the runtime', () => {
    const lines = [first, update].flatMap((plan) => allCommands(plan).map(({ argv }) => argv.join(' ')));
    expect(
      lines.filter((line) => / (down|restart|kill|stop) ?/.test(line) && !line.includes('rm --stop')),
    ).toEqual([]);
    expect(
      lines.filter((line) => line.includes('cogni-edge') && / (up|rm|stop|create|run) /.test(line)),
    ).toEqual([]);
  });

  test('uses names that the rendered projects really have', () => {
    const runtime = runtimeProject(request.runtime);
    expect(runtime.services.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['app-a', 'postgres', 'db-provision', 'db-migrate']),
    );
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: false,
      acme: { directory: 'https://acme.cogni.test/acme/directory' },
      image: request.runtime.images.postgres,
    });
    expect(edge.services.map(({ name }) => name)).toContain(layout.edge.service);
    expect(
      edge.folders.flatMap(({ name, files }) =>
        files.map(({ path }) => `${layout.edge.folder}/${name}/${path}`),
      ),
    ).toContain(`${layout.edge.upstream.folder}/${layout.edge.upstream.file}`);
  });

  test('shows a secret nowhere: neither in arguments, nor in text, nor as data', () => {
    const secret = fc
      .string({
        minLength: 40,
        maxLength: 60,
        unit: fc.constantFrom(...Array.from('abcXYZ019!#$%&\'()*+,-./:;<=>?@[]^_{|}~"\\')),
      })
      .map((text) => `p1anted${text}`)
      .filter((text) => !text.endsWith('\\'));
    const secretNames = Object.keys(settingsSource).filter((name) => /PASSWORD|TOKEN|SECRET/.test(name));
    fc.assert(
      fc.property(secret, (value) => {
        const settings = Object.fromEntries(secretNames.map((name) => [name, `${value}${name.length}`]));
        const plan = planRolling(
          propsFor(servingHost(), { settings, images: other, request: { tag: 'preview-4567def' } }),
        );
        for (const { argv } of allCommands(plan)) expect(argv.join(' ')).not.toContain('p1anted');
        expect(planText(plan)).not.toContain('p1anted');
        expect(JSON.stringify(planJson(plan))).not.toContain('p1anted');
      }),
      { numRuns: 20 },
    );
  });
});

describe('the build that the site must say it is', () => {
  const prove = (plan: DeployPlan): string => JSON.stringify([stepOf(plan, 'prove'), stepOf(plan, 'gate')]);

  test('is the commit of the tag', () => {
    expect(first.release.buildSha).toBe('0123abc');
  });

  test('is the commit that the image was built from, where it was given the tag of another', () => {
    const promoted = { ...other, app: { ...other.app, builtFrom: 'fedcba9' } };
    const plan = planRolling(
      propsFor(servingHost(), { request: { tag: 'preview-4567def' }, images: promoted }),
    );
    expect(plan.release).toMatchObject({ tag: 'preview-4567def', buildSha: 'fedcba9' });
    expect(prove(plan).match(/"buildSha":"fedcba9"/g)).toHaveLength(2);
    expect(prove(plan)).not.toContain('"buildSha":"4567def"');
  });

  test('is the recorded one on the way back: the registry is not asked again', () => {
    const { release } = update;
    const asked = { request: { tag: release.tag }, images: other };
    const plan = planRolling({
      ...propsFor(servingHost(), asked),
      backTo: { ...release, buildSha: 'fedcba9' },
    });
    expect(plan.release.buildSha).toBe('fedcba9');
  });
});
