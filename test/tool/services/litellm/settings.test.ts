import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { silent } from '../../../../foundation/progress';
import { pythonPackages } from '../../../../sandbox/images/python-packages';
import { sandboxSource } from '../../../../sandbox/sources';
import { renderLitellmConfig } from '../../../../services/litellm/config';
import { models } from '../../../../services/litellm/models';

/**
 * The sandbox's LiteLLM has no database client, so it is never started with the settings of one; and LiteLLM passes over a setting
 * that it does not know. What can be shown is that its program asks for each of them by its name.
 */
describe('the settings of LiteLLM with a database', () => {
  const settings = Object.keys(
    (
      load(renderLitellmConfig({ models, database: true })) as {
        readonly general_settings: Readonly<Record<string, unknown>>;
      }
    ).general_settings,
  );
  let program: string;

  beforeAll(async () => {
    const packages = await pythonPackages('litellm', sandboxSource('images', 'litellm'), silent);
    program = ['proxy_server.py', 'proxy_cli.py', 'db/exception_handler.py']
      .map((file) => readFileSync(join(packages, 'litellm', 'proxy', file), 'utf8'))
      .join('\n');
  }, 20 * 60_000);

  const asksFor = (setting: string): boolean =>
    new RegExp(`general_settings\\.get\\(\\s*"${setting}"`).test(program);

  it.each(settings)('are asked for by the installed program: %s', (setting) => {
    expect(asksFor(setting)).toBe(true);
  });

  it('are told from what it does not ask for', () => {
    expect(asksFor('database_connections')).toBe(false);
  });
});
