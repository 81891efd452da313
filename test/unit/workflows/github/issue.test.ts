import type { Failure } from '../../../../foundation/failure';
import { keepIssue, type Github, type KeptIssue } from '../../../../workflows';
import { githubDouble, githubOf, type DoubledIssue, type GithubDouble } from './double';

let double: GithubDouble;
let github: Github;
beforeAll(async () => {
  double = await githubDouble();
  github = await githubOf(double);
});
afterAll(() => double.stop());
beforeEach(() => double.reset());

const marker = '<!-- cogni-drift -->';
const keep = (text: string | undefined): Promise<KeptIssue> =>
  keepIssue(github, {
    marker,
    wanted: text === undefined ? undefined : { title: 'Drift', body: `${marker}\n${text}` },
    closing: 'A look has found nothing.',
  });
const theirs = (more: Partial<DoubledIssue>): DoubledIssue => ({
  ...{ number: 900, title: 'Drift', body: `${marker}\nmine`, state: 'open', user: { login: 'mallory' } },
  ...more,
});
const open = (): readonly DoubledIssue[] => double.issues.filter(({ state }) => state === 'open');

describe('the issue about drift', () => {
  afterEach(() => expect(double.violations).toEqual([]));

  it('is opened once, left alone while nothing changes, and closed with the reason for it', async () => {
    expect(await keep('one')).toBe('opened');
    expect(await keep('one')).toBe('same');
    expect(double.comments).toEqual([]);
    expect(await keep(undefined)).toBe('closed');
    expect(double.issues).toMatchObject([{ title: 'Drift', state: 'closed', state_reason: 'completed' }]);
    expect(double.comments.map(({ body }) => body)).toEqual(['A look has found nothing.']);
    expect(await keep(undefined)).toBe('none');
  });

  it('is renewed with what was found last, and a comment says so to whoever follows it', async () => {
    await keep('one');
    expect(await keep('two')).toBe('renewed');
    expect(open()).toMatchObject([{ body: `${marker}\ntwo` }]);
    expect(double.comments).toHaveLength(1);
  });

  it('is the same one where somebody has written above its first line', async () => {
    await keep('one');
    for (const issue of double.issues) issue.body = `I look at it.\r\n${issue.body}`;
    expect(await keep('two')).toBe('renewed');
    expect(open()).toMatchObject([{ body: `${marker}\ntwo` }]);
  });

  it('is another one after the first was closed', async () => {
    await keep('one');
    await keep(undefined);
    expect(await keep('again')).toBe('opened');
    expect(double.issues.map(({ state }) => state)).toEqual(['closed', 'open']);
  });

  it('is never that of somebody else, nor a pull request, whatever stands in it', async () => {
    const others = [
      theirs({}),
      theirs({ user: { login: 'github-actions[bot]' }, pull_request: {} }),
      theirs({ user: { login: 'github-actions[bot]' }, body: 'of another workflow' }),
    ];
    double.issues.push(...others.map((one, index) => ({ ...one, number: 900 + index })));
    expect(await keep(undefined)).toBe('none');
    expect(await keep('one')).toBe('opened');
    expect(open()).toHaveLength(4);
  });

  it('is found behind a hundred others, and is one even where two were made', async () => {
    for (let number = 1000; number < 1100; number += 1) double.issues.push(theirs({ number }));
    await keep('one');
    double.issues.push(theirs({ number: 2000, user: { login: 'github-actions[bot]' } }));
    expect(await keep('one')).toBe('same');
    expect(double.issues.at(-1)).toMatchObject({ number: 2000, state: 'closed' });
  });

  it('fails in words where the job has not the right, or the repository no issues', async () => {
    const refused = async (status: number): Promise<Failure> => {
      double.before = (_name, _path, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end('{"message":"no"}');
        return true;
      };
      return keep('one').then(
        () => Promise.reject(new Error('it succeeded')),
        (thrown: unknown) => thrown as Failure,
      );
    };
    expect((await refused(403)).next).toContain('issues: write');
    expect((await refused(410)).next).toContain('settings of the repository');
  });
});
