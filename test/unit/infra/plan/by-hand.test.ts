import { join } from 'node:path';
import { byHand } from '../../../../infra/plan/by-hand';

describe('a command of Terraform for people', () => {
  const env = { TERRAFORM_BINARY_NAME: 'tofu' };

  it('names the program and the folder, from where they stand', () => {
    const folder = join(process.cwd(), 'cdktf.out', 'stacks', 'preview');
    expect(byHand({ folder, env }, 'state', 'rm', 'cherryservers_ip.floating')).toBe(
      'tofu -chdir=cdktf.out/stacks/preview state rm cherryservers_ip.floating',
    );
    expect(byHand({ folder: '/elsewhere/preview', env }, 'init')).toBe('tofu -chdir=/elsewhere/preview init');
  });

  it('is quoted where a shell would read something else', () => {
    expect(byHand({ folder: "/it's here", env }, 'state', 'rm', 'a["b"]')).toBe(
      `tofu '-chdir=/it'\\''s here' state rm 'a["b"]'`,
    );
  });
});
