'use strict';

/**
 * The environment of the application, checked once at its start. All faults are reported together: nobody mends them
 * one restart at a time.
 */

const url = (...protocols) => ({
  allowed: `a URL with ${protocols.join(' or ')}`,
  parse: (text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    return parsed && protocols.includes(parsed.protocol.slice(0, -1)) ? { value: text } : {};
  },
});

const atLeast = (characters) => ({
  allowed: `at least ${characters} characters`,
  secret: true,
  parse: (text) => (text.length >= characters ? { value: text } : {}),
});

const integer = (from, to) => ({
  allowed: `a whole number from ${from} to ${to}`,
  parse: (text) => {
    const number = Number(text);
    return /^\d+$/.test(text) && number >= from && number <= to ? { value: number } : {};
  },
});

/** Whoever talks to a database over a network has to say whether in clear text or not. */
const database = {
  allowed: 'postgres://user:password@host/database, with ?sslmode=… unless the host is localhost',
  secret: true,
  parse: (text) => {
    const parsed = URL.canParse(text) ? new URL(text) : undefined;
    const complete =
      parsed &&
      ['postgres:', 'postgresql:'].includes(parsed.protocol) &&
      parsed.username !== '' &&
      parsed.hostname !== '' &&
      parsed.pathname.length > 1 &&
      (['localhost', '127.0.0.1'].includes(parsed.hostname) || parsed.searchParams.has('sslmode'));
    return complete ? { value: text } : {};
  },
};

/**
 * What the application reads. Those with a default or `optional` may be missing, `with` another one only together with
 * it; none may be there and empty.
 */
const schema = {
  DATABASE_URL: database,
  AUTH_SECRET: atLeast(32),
  PORT: { ...integer(1, 65535), default: 3000 },
  APP_BASE_URL: { ...url('http', 'https'), optional: true },
  LITELLM_BASE_URL: { ...url('http', 'https'), optional: true, with: 'LITELLM_MASTER_KEY' },
  LITELLM_MASTER_KEY: { ...atLeast(16), optional: true, with: 'LITELLM_BASE_URL' },
};

/**
 * @param {Record<string, string | undefined>} environment
 * @param {Record<string, object>} wanted the part of the schema that this program needs
 * @returns {{ settings: Record<string, string | number | undefined>, faults: string[] }} faults are sentences that name
 *   the variable, its value where it is no secret, and what is allowed; settings are of use only without faults
 */
function readSettings(environment, wanted = schema) {
  const settings = {};
  const faults = [];
  for (const [name, rule] of Object.entries(wanted)) {
    const text = environment[name];
    if (text === undefined) {
      if (rule.default !== undefined) settings[name] = rule.default;
      else if (rule.with !== undefined && environment[rule.with] !== undefined) {
        faults.push(`${name} is missing: it must be ${rule.allowed}, as ${rule.with} is set`);
      } else if (!rule.optional) faults.push(`${name} is missing: it must be ${rule.allowed}`);
    } else if (text === '') {
      faults.push(
        `${name} is set and empty: it must be ${rule.allowed}${rule.optional ? ', or not set at all' : ''}`,
      );
    } else {
      const { value } = rule.parse(text);
      if (value === undefined) {
        faults.push(
          `${name} is ${rule.secret ? 'not valid' : JSON.stringify(text)}: it must be ${rule.allowed}`,
        );
      } else settings[name] = value;
    }
  }
  return { settings, faults };
}

module.exports = { readSettings, schema };
