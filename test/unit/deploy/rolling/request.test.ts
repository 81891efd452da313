import { deployCommand, parseTag } from '../../../../deploy/rolling/request';
import { releaseId } from '../../../../deploy/rolling/record';
import { Failure } from '../../../../foundation/failure';
import { request } from './sample';

const parse = (tag: string): ReturnType<typeof parseTag> => parseTag({ ...request, tag });
const refusal = (tag: string): string => {
  try {
    parse(tag);
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown.message;
    throw thrown;
  }
  throw new Error(`${tag} was taken`);
};

describe('the tag of a release', () => {
  test('names the environment and the commit that was built', () => {
    expect(parse('preview-0123abc')).toEqual({ tag: 'preview-0123abc', buildSha: '0123abc' });
    expect(parse(`preview-${'a'.repeat(40)}`).buildSha).toBe('a'.repeat(40));
  });

  test.each([
    ['latest', 'it moves'],
    ['prod-0123abc', 'it is of another environment (prod)'],
    ['preview-', 'it does not name a build'],
    ['preview-main', 'it does not name a build'],
    ['preview-0123AB', 'it does not name a build'],
    ['preview-0123abc-migrate', 'it does not name a build'],
    ['0123abc', 'it does not name a build'],
    ['preview-0123abc\n', 'it does not name a build'],
    ['', 'it does not name a build'],
  ])('is refused where it is %j', (tag, reason) => {
    const message = refusal(tag);
    expect(message).toContain(`the image tag "${tag}" cannot be deployed to preview: ${reason}`);
    expect(message).toContain('allowed: preview-<sha>');
    expect(message).toContain('next:  ./cogni deploy preview --image-tag preview-<sha>');
  });
});

test('the command that deploys again is the one that was typed', () => {
  expect(deployCommand(request)).toBe('./cogni deploy preview --image-tag preview-0123abc');
});

test('the command that deploys again says the limit of migrations that was said, in minutes', () => {
  expect(deployCommand({ ...request, limits: { migrate: 90_000 } })).toBe(
    './cogni deploy preview --image-tag preview-0123abc --migration-limit 1.5',
  );
});

test('releases are named so that they sort by time', () => {
  expect(releaseId(new Date('2026-11-21T08:15:00.123Z'), 'preview-0123abc')).toBe(
    '20261121T081500Z-preview-0123abc',
  );
});
