import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reviewFile, type ReviewRequest } from '../../../cli/review-file';
import { ExitCode, Failure } from '../../../foundation/failure';
import { change, encoded, planOf, server, updated } from '../review/plans';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'review-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function fileWith(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const planFile = (...changes: Parameters<typeof planOf>[0]): string =>
  fileWith('plan.json', JSON.stringify(planOf(changes)));
const review = (file: string, request: Partial<ReviewRequest> = {}): ReturnType<typeof reviewFile> =>
  reviewFile(file, { providerVersion: [], ...request });

function failureOf(work: () => unknown): Failure {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('it did not fail');
}

const wiped = updated({ user_data: encoded('#cloud-config\n# x\n'), allow_reinstall: true });

describe('cogni review', () => {
  it.each([
    [0, []],
    [10, [updated({ name: 'x' })]],
    [11, [updated({ allow_reinstall: true })]],
    [12, [change(['delete'], server, null)]],
    [12, [wiped]],
  ])('ends with %d', (code, changes) => {
    expect(review(planFile(...changes)).exitCode).toBe(code);
  });

  it.each([
    ['cut off', '{"format_version":"1.2","resource_ch'],
    ['of a newer format', '{"format_version":"9.0","resource_changes":[]}'],
    ['a binary plan file', Buffer.from('PK\u0003\u0004\u0000\u00ff', 'latin1')],
    ['no text', Buffer.from([0xff, 0xfe, 0x00])],
  ])('fails on a plan that is %s, and says that this does not mean safe', (_, content) => {
    const failure = failureOf(() => review(fileWith('plan.json', content)));
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failure.message).toContain('that does not mean safe');
    expect(failure.message).toMatch(/next: .*(terraform show -json|prints a known one)/);
  });

  it('fails on diagnostics that are cut off, whatever the plan says', () => {
    const diagnostics = fileWith('messages', '{"type":"diagn');
    expect(failureOf(() => review(planFile(), { diagnostics })).message).toContain('line 1 is no message');
  });

  it.each([
    ['a plan that is not there', '/nowhere/plan.json', {}],
    ['a serial that is no number', undefined, { stateSerial: '3x' }],
    ['a version without a provider', undefined, { providerVersion: ['1.5.3'] }],
  ])('calls %s wrong usage', (_, file, request) => {
    expect(failureOf(() => review(file ?? planFile(), request)).exitCode).toBe(ExitCode.usage);
  });

  it('lists every fault of what is said of hosts', () => {
    const hosts = fileWith('hosts.json', '{"a":{"volumes":1},"b":{"newestVerifiedBackup":"yesterday"}}');
    const { faults, exitCode } = failureOf(() => review(planFile(), { hosts }));
    expect(exitCode).toBe(ExitCode.usage);
    expect(faults.join('\n')).toMatch(/a\.volumes:[^]*b\.newestVerifiedBackup:/);
  });

  it('names what lives on the host that is wiped', () => {
    const hosts = fileWith('hosts.json', '{"prod-app":{"volumes":["pgdata"],"newestVerifiedBackup":null}}');
    const { text } = review(planFile(wiped), { hosts });
    expect(text()).toContain('lost:  volume pgdata');
    expect(text()).toContain('there is no verified backup');
  });

  it('writes the comment, and adds the summary to what is there', () => {
    const summary = fileWith('summary.md', 'before\n');
    const comment = join(folder, 'comment.md');
    review(planFile(wiped), { comment, summary, env: 'preview' });
    expect(readFileSync(comment, 'utf8')).toMatch(/^<!-- cogni-review environment=preview -->\n## 🛑/);
    expect(readFileSync(summary, 'utf8')).toMatch(/^before\n## 🛑/);
  });

  it('keeps secrets out by the names of the settings catalogue and by their shape', () => {
    const planted = 'planted-secret-0123456789';
    const tags = { POSTGRES_ROOT_PASSWORD: planted, url: `postgres://app:${planted}@db/app` };
    const userData = encoded(`#cloud-config\nPOSTGRES_ROOT_PASSWORD=${planted}\ntoken: ghp_${planted}\n`);
    const { text, document } = review(
      planFile(updated({ tags, user_data: userData, allow_reinstall: true })),
    );
    expect(text() + JSON.stringify(document())).not.toContain(planted);
  });

  it('says by its hash which plan it was', () => {
    expect(review(planFile()).document().planHash).toMatch(/^[0-9a-f]{64}$/);
  });
});
