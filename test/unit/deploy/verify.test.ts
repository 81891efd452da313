import { verifySite } from '../../../deploy/verify';
import { ExitCode } from '../../../foundation/failure';
import type { Https } from '../../../foundation/https';
import { failureOf } from '../../failure-of';
import { fakeClock } from './fake-clock';

const site =
  (pages: Readonly<Record<string, readonly [status: number, body: string]>>): Https =>
  ({ url }) => {
    const [status, body] = pages[new URL(url).pathname] ?? [404, ''];
    return Promise.resolve({ status, headers: {}, body: Buffer.from(body) });
  };
const sound = {
  '/readyz': [200, 'ready'],
  '/version': [200, '{"buildSha":"1a2b3c4"}'],
  '/': [200, '<h1>Hello</h1>'],
} as const;

const verify = (pages: Parameters<typeof site>[0], build?: string) =>
  verifySite(
    { environment: 'preview', domain: 'preview.cogni.test', ...(build === undefined ? {} : { build }) },
    { https: site(pages), clock: fakeClock() },
  );
describe('looking at a site from outside', () => {
  it('is content with a site that is ready, renders a page and is the build that was meant', async () => {
    expect(await verify(sound, '1a2b3c4')).toEqual([
      'https://preview.cogni.test/readyz',
      'https://preview.cogni.test/version',
      'https://preview.cogni.test/',
    ]);
    expect(await verify(sound)).toHaveLength(3);
  });

  it.each([
    ['another build', sound, 'said buildSha "1a2b3c4", not "fffffff"'],
    ['one that is not ready', { ...sound, '/readyz': [503, ''] }, '/readyz answered 503, not 200'],
    ['one that answers with nothing', { ...sound, '/': [200, ' \n'] }, '/ answered with an empty page'],
    ['one whose page fails', { ...sound, '/': [502, 'bad gateway'] }, '/ answered 502, not 200'],
  ] as const)('does not take %s for it', async (_what, pages, says) => {
    const build = pages === sound ? 'fffffff' : undefined;
    const failure = await failureOf(verify(pages, build));
    expect(failure.exitCode).toBe(ExitCode.degraded);
    expect(failure.faults.join('\n')).toContain(says);
    expect(failure.next).toContain('./cogni status preview');
  });
});
