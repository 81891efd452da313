'use strict';

const { createHash } = require('node:crypto');

/**
 * What the stub answers: a function of the request alone, so that a test knows the answer beforehand. What goes wrong is
 * asked for in the question itself, since nothing else of a request passes LiteLLM unchanged.
 */

/** What `[stub:…]` in a question asks for. */
const directives = {
  /** Refused with 429, too many requests. */
  'rate-limit': { duration: false },
  /** Fails with 500. */
  fail: { duration: false },
  /** Answers, after that time. */
  slow: { duration: true },
  /** Ends the connection in the middle of the answer. */
  cut: { duration: false },
};

const allowed = Object.entries(directives)
  .map(([kind, { duration }]) => `[stub:${kind}${duration ? ':<number>s' : ''}]`)
  .join(', ');

/**
 * @param {string} question
 * @returns {{ kind?: string, milliseconds: number }} `kind` is undefined for a plain question
 * @throws {Error} that names what is allowed
 */
function parseDirective(question) {
  const [, text] = /\[stub:([^\]]*)\]?/.exec(question) ?? [];
  if (text === undefined) return { milliseconds: 0 };
  const [, kind, number, unit] = /^([a-z-]+)(?::(\d{1,5})(ms|s))?$/.exec(text) ?? [];
  const known = Object.hasOwn(directives, kind ?? '') ? directives[kind] : undefined;
  if (!known || known.duration !== (number !== undefined)) {
    throw new Error(`"[stub:${text}]" is not understood: it must be one of ${allowed}`);
  }
  return { kind, milliseconds: number === undefined ? 0 : Number(number) * (unit === 's' ? 1000 : 1) };
}

/**
 * A request for a completion (OpenAI API reference, "Create chat completion"), as far as it is looked at.
 *
 * @returns {{ model: string, question: string, words: number, stream: boolean, usage: boolean }} `words`: of all messages
 * @throws {Error} that says what is wrong with it
 */
function readRequest(body) {
  const request = parse(body);
  const { model, messages, stream = false, stream_options: options } = request ?? {};
  if (typeof model !== 'string' || model === '') throw new Error('"model" must be a text');
  if (!Array.isArray(messages) || messages.length === 0)
    throw new Error('"messages" must be a list with entries');
  const texts = messages.map((message) => textOf(message?.content));
  const asked = messages.findLastIndex((message) => message?.role === 'user');
  if (asked < 0) throw new Error('"messages" must have one of the role "user"');
  return {
    model,
    question: texts[asked],
    words: texts.reduce((sum, text) => sum + countWords(text), 0),
    stream: stream === true,
    usage: options?.include_usage === true,
  };
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the body is not JSON');
  }
}

/** A message's content is a text, or a list of parts of which the texts count. */
function textOf(content) {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('');
}

const countWords = (text) => text.split(/\s+/).filter(Boolean).length;

/** Says which model was asked what, so that whoever reads it sees that the question has come through. */
const answerText = ({ model, question }) => `The stub of ${model} was asked: ${question}`;

const idOf = ({ model, question }) =>
  `chatcmpl-${createHash('sha256')
    .update(JSON.stringify([model, question]))
    .digest('hex')
    .slice(0, 24)}`;

const usageOf = (request) => {
  const completion = countWords(answerText(request));
  return {
    prompt_tokens: request.words,
    completion_tokens: completion,
    total_tokens: request.words + completion,
  };
};

const head = (request, object) => ({ id: idOf(request), object, created: 0, model: request.model });

/** The whole answer at once. */
const completion = (request) => ({
  ...head(request, 'chat.completion'),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: answerText(request) },
      finish_reason: 'stop',
    },
  ],
  usage: usageOf(request),
});

/** The same in pieces, one word each, the usage last where it was asked for. */
function chunks(request) {
  const choice = (delta, finish) => ({ index: 0, delta, finish_reason: finish ?? null });
  const chunk = (choices) => ({ ...head(request, 'chat.completion.chunk'), choices });
  const words = answerText(request).split(/(?<=\s)/);
  return [
    chunk([choice({ role: 'assistant', content: '' })]),
    ...words.map((content) => chunk([choice({ content })])),
    chunk([choice({}, 'stop')]),
    ...(request.usage ? [{ ...chunk([]), usage: usageOf(request) }] : []),
  ];
}

module.exports = { answerText, chunks, completion, parseDirective, readRequest };
