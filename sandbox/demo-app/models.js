'use strict';

/** Milliseconds that a question may take in all: a model that hangs must not hang the application. */
const deadline = 20_000;

/** Why a question got no answer, in words for whoever asked; `status` is what they are told over HTTP. */
class NoAnswer extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The language models, by way of LiteLLM. The application is ready without them. */
class Models {
  #url;
  #key;
  #fetch;

  /** @param {typeof fetch} ask @param {string} baseUrl of LiteLLM @param {string} key that LiteLLM wants to see */
  constructor(baseUrl, key, ask = fetch) {
    this.#url = baseUrl.replace(/\/$/, '');
    this.#key = key;
    this.#fetch = ask;
  }

  /**
   * Asks the model that is the default for those who do not pay.
   *
   * @returns {Promise<{ model: string, answer: string }>}
   * @throws {NoAnswer}
   */
  async ask(question) {
    const signal = AbortSignal.timeout(deadline);
    const { data } = await this.#json('/model/info', { signal });
    const model = defaultModel(data);
    const { choices } = await this.#json('/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify({ model, messages: [{ role: 'user', content: question }] }),
      signal,
    });
    const answer = choices?.[0]?.message?.content;
    if (typeof answer === 'string') return { model, answer };
    throw new NoAnswer(502, 'the model answered without a text');
  }

  async #json(path, request) {
    try {
      const response = await this.#fetch(this.#url + path, {
        ...request,
        headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      });
      if (response.ok) return await response.json();
      await response.body?.cancel();
      const status = response.status === 429 ? 429 : 502;
      throw new NoAnswer(status, `the models' proxy answered ${response.status}`);
    } catch (cause) {
      if (cause instanceof NoAnswer) throw cause;
      if (cause.name === 'TimeoutError')
        throw new NoAnswer(504, `the models did not answer within ${deadline / 1000} s`);
      throw new NoAnswer(502, "the models' proxy cannot be reached");
    }
  }
}

/** Which one that is, the proxy's own list says (services/litellm/models.ts, `defaultFor`); else the first. */
function defaultModel(list) {
  const chosen = list?.find((entry) => entry.model_info?.metadata?.cogni?.default_free === true) ?? list?.[0];
  if (typeof chosen?.model_name === 'string') return chosen.model_name;
  throw new NoAnswer(502, "the models' proxy has no models");
}

module.exports = { Models, NoAnswer };
