import fc from 'fast-check';
import { parseDirective, readRequest } from './model-stub';

const request = (more: object = {}): string =>
  JSON.stringify({ model: 'a/b', messages: [{ role: 'user', content: 'How are you?' }], ...more });

describe('what the stub is told to do', () => {
  it.each([
    ['How are you?', { milliseconds: 0 }],
    ['[stub:rate-limit]', { kind: 'rate-limit', milliseconds: 0 }],
    ['Please [stub:fail] now', { kind: 'fail', milliseconds: 0 }],
    ['[stub:cut]', { kind: 'cut', milliseconds: 0 }],
    ['[stub:slow:2s]', { kind: 'slow', milliseconds: 2_000 }],
    ['[stub:slow:250ms] and?', { kind: 'slow', milliseconds: 250 }],
  ])('is understood in %j', (question, meant) => expect(parseDirective(question)).toEqual(meant));

  it.each(['[stub:slow]', '[stub:fail:2s]', '[stub:toString]', '[stub:]', '[stub:slow:2m]', 'a [stub:fai'])(
    'is refused in %j with what is allowed',
    (question) => {
      expect(() => parseDirective(question)).toThrow(
        'it must be one of [stub:rate-limit], [stub:fail], [stub:slow:<number>s], [stub:cut]',
      );
    },
  );
});

describe('a request to the stub', () => {
  it('is read as far as it counts', () => {
    expect(readRequest(request())).toEqual({
      model: 'a/b',
      question: 'How are you?',
      words: 3,
      stream: false,
      usage: false,
    });
    expect(readRequest(request({ stream: true, stream_options: { include_usage: true } }))).toMatchObject({
      stream: true,
      usage: true,
    });
  });

  it('is about the last thing that the user said, texts in parts included', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'three ' },
          { type: 'image_url', image_url: {} },
          { type: 'text', text: 'four' },
        ],
      },
    ];
    expect(readRequest(request({ messages }))).toMatchObject({ question: 'three four', words: 6 });
  });

  it.each([
    ['no', 'the body is not JSON'],
    ['null', '"model" must be a text'],
    [request({ model: '' }), '"model" must be a text'],
    [request({ messages: [] }), '"messages" must be a list with entries'],
    [request({ messages: 'hello' }), '"messages" must be a list with entries'],
    [request({ messages: [null] }), '"messages" must have one of the role "user"'],
  ])('%s is refused: %s', (body, why) => expect(() => readRequest(body)).toThrow(why));

  it('is read or refused in words, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((messages) => request({ messages })),
        ),
        (body) => {
          try {
            expect(typeof readRequest(body).question).toBe('string');
          } catch (cause) {
            expect((cause as Error).message).toMatch(/^(the body|"model"|"messages") /);
          }
        },
      ),
    );
  });
});
