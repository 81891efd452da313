import { readFileSync } from 'node:fs';
import { caddyVersion } from '../../../../sandbox/images/caddy';
import { litellmVersion } from '../../../../sandbox/images/litellm';
import { postgresMajor } from '../../../../sandbox/images/postgres';
import { sandboxSource } from '../../../../sandbox/sources';
import lock from '../../../../services/images.lock.json';

describe('what plays the image of another in the sandbox', () => {
  it('is Caddy in the version that hosts run', () => {
    expect(caddyVersion).toBe(lock.caddy.tag);
  });

  it('is PostgreSQL in the major version that hosts run', () => {
    expect(lock.postgres.tag).toMatch(new RegExp(`^${postgresMajor}-`));
  });

  it('is LiteLLM in the version that hosts run, or the document of the sandbox says which and that it is not', () => {
    const list = readFileSync(sandboxSource('images', 'litellm', 'requirements.txt'), 'utf8');
    const [played, hosts] = [litellmVersion(list), lock.litellm.tag.replace(/^v/, '')];
    const said = readFileSync('docs/sandbox-parts.md', 'utf8');
    expect(said.includes(`It is LiteLLM ${played}, and hosts run ${hosts}`)).toBe(played !== hosts);
  });
});
