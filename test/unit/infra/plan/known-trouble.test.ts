import { knownTrouble, withoutTrace } from '../../../../infra/plan/known-trouble';

describe('what Terraform says', () => {
  it('is explained also where Terraform breaks and frames its lines', () => {
    const said =
      '│ Error response from API: Server quota of the team is\n│ used up. 0 of 0. (error\n│ code: 403)';
    expect(knownTrouble(said, './cogni plan preview')).toEqual({
      cause: expect.stringContaining('quota is used up'),
      next: expect.stringMatching(/, then \.\/cogni plan preview$/),
    });
  });

  it('is told apart by its most telling words', () => {
    const causeOf = (said: string): string | undefined => knownTrouble(said, 'again')?.cause;
    expect(causeOf('This API key may only read. (error code: 403)')).toContain('may only read');
    expect(causeOf('Forbidden. (error code: 403)')).toContain('forbids');
    expect(causeOf('inconsistent result after apply: unexpected new value: .power_state: was')).toContain(
      'switched off',
    );
    expect(causeOf('Provider produced inconsistent result after apply: .tags')).toContain('something else');
    expect(causeOf('Post "https://x": EOF')).toContain('lost on its way');
  });

  it('is left as it is where it is not known', () => {
    expect(knownTrouble('Error: Invalid reference', 'again')).toBeUndefined();
  });

  it('is shown without the stack of a crashed plugin, and with everything around it', () => {
    const said = [
      'Error: Plugin did not respond',
      'Stack trace from the terraform-provider-x plugin:',
      '',
      'panic: runtime error: invalid memory address',
      'goroutine 41 [running]:',
      'main.(*x).Read(0xc000)',
      'Error: The terraform-provider-x plugin crashed!',
      'and more',
    ].join('\n');
    expect(withoutTrace(said)).toBe(
      'Error: Plugin did not respond\nError: The terraform-provider-x plugin crashed!\nand more',
    );
    expect(withoutTrace('Error: x\npanic: y\ngoroutine 1 [running]:')).toBe('Error: x');
    expect(withoutTrace('Error: x\nno panic')).toBe('Error: x\nno panic');
  });
});
