import { keepComment, type Github } from '../../../../workflows';
import { failureOf } from '../../../failure-of';
import { githubDouble, githubOf, type GithubDouble } from './double';

let double: GithubDouble;
let github: Github;
beforeAll(async () => {
  double = await githubDouble();
  github = await githubOf(double);
});
afterAll(() => double.stop());
beforeEach(() => double.reset());

const marker = '<!-- cogni-review environment=preview -->';
const ours = { login: 'github-actions[bot]', type: 'Bot' };
const keep = (body: string) => keepComment(github, { pull: 7, body });
const bodies = (): readonly string[] => double.comments.map(({ body }) => body);

describe('the comment on a pull request', () => {
  afterEach(() => expect(double.violations).toEqual([]));

  it('is made once, renewed with each commit, and left alone when nothing has changed', async () => {
    expect(await keep(`${marker}\none`)).toBe('made');
    expect(await keep(`${marker}\ntwo`)).toBe('renewed');
    expect(await keep(`${marker}\ntwo`)).toBe('same');
    expect(bodies()).toEqual([`${marker}\ntwo`]);
  });

  it('is one for each environment', async () => {
    const other = marker.replace('preview', 'production');
    await keep(`${marker}\none`);
    expect(await keep(`${other}\none`)).toBe('made');
    expect(bodies()).toHaveLength(2);
  });

  it('is renewed whatever was written into it by hand', async () => {
    await keep(`${marker}\nwipes the disk`);
    for (const comment of double.comments) comment.body = `${marker}\nnothing to see`;
    await keep(`${marker}\nwipes the disk`);
    expect(bodies()).toEqual([`${marker}\nwipes the disk`]);
  });

  it('is renewed where something was written above it by hand, which would go on standing there', async () => {
    await keep(`${marker}\nchanges a label`);
    // As a browser ends the lines of what was typed into it.
    for (const comment of double.comments) comment.body = `All is well.\r\n${marker}\r\nchanges a label`;
    expect(await keep(`${marker}\nwipes the disk`)).toBe('renewed');
    expect(bodies()).toEqual([`${marker}\nwipes the disk`]);
  });

  it('is not that of another environment, in whose report the marker stands: names and messages come from anybody', async () => {
    const other = `${marker.replace('preview', 'production')}\nwipes the disk\n${marker}\n`;
    double.comments.push({ id: 1, body: other, user: ours });
    expect(await keep(`${marker}\nnew`)).toBe('made');
    expect(bodies()).toEqual([other, `${marker}\nnew`]);
  });

  it('is never that of somebody else, who has copied the marker', async () => {
    const theirs = { id: 1, body: `${marker}\nall is well`, user: { login: 'mallory', type: 'User' } };
    double.comments.push(theirs);
    expect(await keep(`${marker}\nwipes the disk`)).toBe('made');
    expect(bodies()).toEqual([`${marker}\nall is well`, `${marker}\nwipes the disk`]);
  });

  it('is found behind any number of others', async () => {
    for (let id = 1; id <= 230; id += 1) double.comments.push({ id, body: 'hello', user: ours });
    double.comments.push({ id: 231, body: `${marker}\nold`, user: ours });
    expect(await keep(`${marker}\nnew`)).toBe('renewed');
    expect(double.comments).toHaveLength(231);
  });

  it('is one again after an answer was lost and it was made twice: no second one goes on saying what is no longer true', async () => {
    for (const [id, user] of [ours, ours, { login: 'mallory', type: 'User' }].entries())
      double.comments.push({ id: id + 1, body: `${marker}\nall is well`, user });
    expect(await keep(`${marker}\nwipes the disk`)).toBe('renewed');
    expect(bodies()).toEqual([`${marker}\nwipes the disk`, `${marker}\nall is well`]);
    expect(double.comments.map(({ user }) => user.login)).toEqual([ours.login, 'mallory']);
  });

  it.each([
    ['without a marker', 'one', /first line is not a marker/],
    ['with nothing but one', marker, /first line is not a marker/],
    ['that is too long', `${marker}\n${'x'.repeat(65_536)}`, /has 65578 characters, and GitHub takes 65536/],
  ])('is not made of a text %s', async (_what, body, says) => {
    expect((await failureOf(keep(body))).message).toMatch(says);
    expect(double.asked).toEqual([]);
  });

  it('says when it could not be kept that what stands there may be old', async () => {
    double.before = (name, _path, response) => {
      if (!name.startsWith('POST')) return false;
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"no"}');
      return true;
    };
    const failure = await failureOf(keep(`${marker}\none`));
    expect(failure.state).toContain('may be of an older commit');
    expect(failure.next).toContain('pull-requests: write');
  });
});
