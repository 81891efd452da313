import { App, TerraformStack } from 'cdktf';
import { RefusedStack } from '../../../infra/refused-stack';
import { synthesized } from './synthesized';

const refusal = 'production is not ready: two things are wrong with it\n  - one\n  - two\nnext:  mend them';

describe('the stack of an environment with faults', () => {
  const build = (text: string): ReturnType<typeof synthesized> =>
    synthesized((app) => new RefusedStack(app, 'production', text, { announce: true }));

  it('has no resources, and a state that is not the real one', () => {
    const { document } = build(refusal).get('production')!;
    expect(document.resource).toBeUndefined();
    expect(document.terraform['backend']).toEqual({ local: { path: 'refused.tfstate' } });
  });

  it('fails whatever Terraform does, with the faults as the message, and no value of the variable mends it', () => {
    const { document } = build(refusal).get('production')!;
    expect(document.variable!['refused']).toMatchObject({
      validation: [{ condition: '${var.refused != var.refused}', error_message: refusal }],
    });
  });

  it("hands a text with Terraform's own marks over as it is", () => {
    const { document } = build('domain "${x}" and "%{y}"').get('production')!;
    expect(document.variable!['refused']).toMatchObject({
      validation: [{ error_message: 'domain "$${x}" and "%%{y}"' }],
    });
  });

  it('says so as a warning, which stops no command for another stack', () => {
    const app = new App({ outdir: '.', stackTraces: false });
    const annotationsOf = (id: string, announce: boolean): unknown =>
      new RefusedStack(app, id, refusal, { announce }).node.metadata.map(({ type, data }) => [
        type,
        data as string,
      ]);
    expect(annotationsOf('production', true)).toEqual([['@cdktf/warn', refusal]]);
    expect(annotationsOf('production-address', false)).toEqual([]);
    expect(app.node.children.every((child) => TerraformStack.isStack(child))).toBe(true);
  });
});
