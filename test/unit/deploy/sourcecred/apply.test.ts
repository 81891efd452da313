import { applySourcecred } from '../../../../deploy/sourcecred/apply';
import { hashesOf, type SourcecredRequest } from '../../../../deploy/sourcecred/request';
import { readSettings } from '../../../../services';
import { fakeClock } from '../fake-clock';
import { fakeTransport } from '../fake-transport';

const token = `ghp_${'x'.repeat(36)}`;
const request: SourcecredRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  files: [{ path: 'compose.yaml', mode: 0o644, content: 'services: {}\n' }],
  image: `ghcr.io/cogni/runner@sha256:${'a'.repeat(64)}`,
  settings: readSettings(
    { SOURCECRED_GITHUB_TOKEN: token, GHCR_USERNAME: 'bot', GHCR_DEPLOY_TOKEN: 'registry-token' },
    'sourcecred',
  ),
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T08:15:00Z'),
};

describe('bringing SourceCred to a host', () => {
  test('shows its log where it does not become healthy, without the token that is in it', async () => {
    const [[path, hash]] = Object.entries(hashesOf(request)) as [[string, string]];
    const transport = fakeTransport([
      ['sha256sum', { stdout: `${hash}  /opt/cogni/sourcecred/${path}\n` }],
      ['image inspect', { code: 1 }],
      ['--wait-timeout', { code: 1 }],
      [' logs ', { stdout: `GitHub does not know ${token}\n` }],
    ]);
    const host = { user: 'deploy', address: '192.0.2.7' } as Parameters<typeof applySourcecred>[1];
    const thrown: unknown = await applySourcecred(request, host, {
      connect: () => Promise.resolve(transport),
      clock: fakeClock(),
      runSuffix: () => '0a1b',
    }).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ output: expect.stringContaining('GitHub does not know ') });
    expect(`${(thrown as Error).message}${(thrown as { output: string }).output}`).not.toContain(token);
    // The settings themselves, which the container has to have.
    const journal = transport.inputs.filter((input) => input.includes('"kind"')).join('\n');
    expect(journal).toContain('"result":"failed"');
    expect(journal).not.toContain(token);
  });
});
