import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApp, NoAnswer, type Note, type Store } from './demo-app';

/** The notes in memory, with the answers that PostgreSQL would give. */
class MemoryStore implements Store {
  notes = new Map<string, Note>();
  broken: Error | undefined;

  check(): Promise<void> {
    return this.broken ? Promise.reject(this.broken) : Promise.resolve();
  }

  async list(): Promise<{ count: number; notes: Note[] }> {
    await this.check();
    return { count: this.notes.size, notes: [...this.notes.values()] };
  }

  async add(text: string, key = String(this.notes.size)): Promise<{ note: Note; replayed: boolean }> {
    await this.check();
    const before = this.notes.get(key);
    const note = before
      ? { ...before, seen: before.seen + 1 }
      : { id: String(this.notes.size + 1), text, seen: 1 };
    this.notes.set(key, note);
    return { note, replayed: before !== undefined };
  }

  async addAs(text: string): Promise<{ note: Note; role: string }> {
    const { note } = await this.add(text);
    return { note, role: 'app' };
  }
}

const databaseError = (code: string): Error => Object.assign(new Error('no'), { code });

describe('the demo application', () => {
  let server: Server;
  let base: string;
  let store: MemoryStore;
  let stopping: boolean;
  let warm: boolean;
  let misbehaviour: { kind?: string; milliseconds: number };
  /** Why the process was to end. */
  let crashes: string[];
  /** What the models say; undefined for an application that was told of none. */
  let answer: ((question: string) => Promise<string>) | undefined;

  beforeEach(async () => {
    store = new MemoryStore();
    stopping = false;
    warm = true;
    misbehaviour = { milliseconds: 0 };
    crashes = [];
    answer = (question) => Promise.resolve(`So you ask: ${question}`);
    const app = createApp({
      build: { version: '1.<2>', buildSha: 'abc1234' },
      store,
      get models() {
        const reply = answer;
        return reply && { ask: async (question: string) => ({ model: 'm', answer: await reply(question) }) };
      },
      misbehaviour,
      isStopping: () => stopping,
      isWarm: () => warm,
      crash: (reason: string) => void crashes.push(reason),
      log: () => undefined,
    });
    server = createServer((request, response) => void app(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const get = async (
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; body: unknown; headers: Headers }> => {
    const response = await fetch(base + path, init);
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      body: isJson && text ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  const post = (body: string, headers: Record<string, string> = {}): ReturnType<typeof get> =>
    get('/api/v1/public/notes', { method: 'POST', body, headers });

  it('answers after the time that a slow request asks for, within bounds', async () => {
    const started = performance.now();
    expect(await get('/slow?milliseconds=120')).toMatchObject({ status: 200, body: { buildSha: 'abc1234' } });
    expect(performance.now() - started).toBeGreaterThan(100);
    for (const asked of ['', '?milliseconds=-1', '?milliseconds=10001', '?milliseconds=x'])
      expect((await get(`/slow${asked}`)).status).toBe(asked === '' ? 200 : 400);
  });

  it('is alive without a database', async () => {
    store.broken = databaseError('ECONNREFUSED');
    await expect(get('/livez')).resolves.toMatchObject({ status: 200, body: { status: 'alive' } });
  });

  it('says which build it is', async () => {
    await expect(get('/version')).resolves.toMatchObject({
      status: 200,
      body: { version: '1.<2>', buildSha: 'abc1234' },
    });
  });

  it('is not ready before it has warmed up', async () => {
    warm = false;
    await expect(get('/readyz')).resolves.toMatchObject({
      status: 503,
      body: { checks: { process: 'warming up', database: 'ok' } },
    });
  });

  it('is ready when its settings, its process and its database are', async () => {
    await expect(get('/readyz')).resolves.toMatchObject({
      status: 200,
      body: { status: 'ready', checks: { settings: 'ok', process: 'ok', database: 'ok' } },
    });
  });

  it.each([
    ['42P01', /the migrations have not run/],
    ['42703', /the migrations of this version have not run/],
    ['42501', /lacks a privilege/],
    ['28P01', /password/],
  ])('is not ready, and says why, when PostgreSQL answers %s', async (code, why) => {
    store.broken = databaseError(code);
    const { status, body } = await get('/readyz');
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: 'not ready', checks: { database: expect.stringMatching(why) } });
  });

  it('is not ready while it stops, and asks for no further requests on a connection', async () => {
    stopping = true;
    const { status, body, headers } = await get('/readyz');
    expect(status).toBe(503);
    expect(body).toMatchObject({ checks: { process: 'stopping' } });
    expect(headers.get('connection')).toBe('close');
  });

  it('is never ready when it was told so, and alive nevertheless', async () => {
    misbehaviour.kind = 'never-ready';
    expect((await get('/readyz')).status).toBe(503);
    expect((await get('/livez')).status).toBe(200);
  });

  it('is not ready for those who come through the edge when it was told so, and ready for its neighbours', async () => {
    misbehaviour.kind = 'not-ready-outside';
    expect((await get('/readyz', { headers: { 'x-real-ip': '203.0.113.9' } })).status).toBe(503);
    expect((await get('/readyz')).status).toBe(200);
  });

  it('ends when it is asked through the edge, where it was told so, and not when its neighbours ask', async () => {
    misbehaviour.kind = 'crash-outside';
    await get('/readyz');
    expect(crashes).toEqual([]);
    await get('/readyz', { headers: { 'x-real-ip': '203.0.113.9' } });
    expect(crashes).toEqual(['told to crash when asked through the edge']);
  });

  describe('asked a question', () => {
    const ask = (question: string): ReturnType<typeof get> =>
      get(`/ask?question=${encodeURIComponent(question)}`);

    it('lets a model answer, keeps the answer as a note, and says as whom it did', async () => {
      await expect(ask('How & why?')).resolves.toMatchObject({
        status: 200,
        body: {
          model: 'm',
          question: 'How & why?',
          answer: 'So you ask: How & why?',
          note: '1',
          databaseRole: 'app',
        },
      });
      await expect(get('/api/v1/public/notes')).resolves.toMatchObject({ body: { count: 1 } });
    });

    it('fails with the reason when no model answers, and stays ready', async () => {
      answer = () => Promise.reject(new NoAnswer(502, "the models' proxy cannot be reached"));
      await expect(ask('Hello?')).resolves.toMatchObject({
        status: 502,
        body: { error: "the models' proxy cannot be reached" },
      });
      expect((await get('/readyz')).status).toBe(200);
    });

    it('is ready while a model hangs', async () => {
      let asked: () => void = () => undefined;
      let finish: (text: string) => void = () => undefined;
      const isAsked = new Promise<void>((resolve) => (asked = resolve));
      answer = () => {
        asked();
        return new Promise<string>((resolve) => (finish = resolve));
      };
      const hanging = ask('Hello?');
      await isAsked;
      expect((await get('/readyz')).status).toBe(200);
      finish('late');
      expect((await hanging).status).toBe(200);
    });

    it('says so when it was told of no models', async () => {
      answer = undefined;
      expect((await ask('Hello?')).status).toBe(404);
      expect((await get('/readyz')).status).toBe(200);
    });

    it.each(['', 'x'.repeat(1001), 'a\0b'])('refuses %j', async (question) => {
      expect((await ask(question)).status).toBe(400);
    });
  });

  it('is slow for everything but the probes when it was told so', async () => {
    misbehaviour.kind = 'slow-requests';
    misbehaviour.milliseconds = 150;
    const timed = async (path: string): Promise<number> => {
      const started = performance.now();
      await get(path);
      return performance.now() - started;
    };
    expect(await timed('/')).toBeGreaterThanOrEqual(149);
    expect(await timed('/livez')).toBeLessThan(149);
  });

  it('shows a page with its version, escaped, and how many notes there are', async () => {
    await post('{"text":"one"}');
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(body).toContain('Version 1.&#60;2&#62;, build abc1234.');
    expect(body).toContain('1 notes are stored.');
  });

  it('shows its page also when the database does not answer', async () => {
    store.broken = databaseError('ECONNREFUSED');
    await expect(get('/')).resolves.toMatchObject({
      status: 200,
      body: expect.stringContaining('The database does not answer.'),
    });
  });

  it('stores a note and lists it', async () => {
    await expect(post('{"text":"hello"}')).resolves.toMatchObject({
      status: 201,
      body: { text: 'hello', seen: 1 },
    });
    await expect(get('/api/v1/public/notes')).resolves.toMatchObject({ status: 200, body: { count: 1 } });
  });

  it('stores a note once when it is sent twice with one key, and says how often it came', async () => {
    const key = { 'idempotency-key': 'a' };
    await post('{"text":"hello"}', key);
    const again = await post('{"text":"hello"}', key);
    expect(again).toMatchObject({ status: 200, body: { seen: 2 } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    await expect(get('/api/v1/public/notes')).resolves.toMatchObject({ body: { count: 1 } });
  });

  it('stores a note twice when it is sent twice without a key', async () => {
    await post('{"text":"hello"}');
    await post('{"text":"hello"}');
    await expect(get('/api/v1/public/notes')).resolves.toMatchObject({ body: { count: 2 } });
  });

  it('refuses a key that was used for another note', async () => {
    const key = { 'idempotency-key': 'a' };
    await post('{"text":"hello"}', key);
    await expect(post('{"text":"goodbye"}', key)).resolves.toMatchObject({ status: 422 });
  });

  it.each([
    '',
    'x',
    'null',
    '[]',
    '{"text":""}',
    '{"text":1}',
    '{"text":"\\u0000"}',
    `{"text":"${'x'.repeat(1001)}"}`,
  ])('refuses the body %.20j', async (body) => {
    await expect(post(body)).resolves.toMatchObject({ status: 400 });
    expect(store.notes.size).toBe(0);
  });

  it('refuses a key that is too long', async () => {
    await expect(post('{"text":"x"}', { 'idempotency-key': 'k'.repeat(201) })).resolves.toMatchObject({
      status: 400,
    });
  });

  it('refuses a body over 64 KiB, and answers it', async () => {
    await expect(post(JSON.stringify({ text: 'x'.repeat(70_000) }))).resolves.toMatchObject({ status: 413 });
  });

  it('answers 503 when the database fails in the middle of a request', async () => {
    store.broken = databaseError('57P01');
    await expect(get('/api/v1/public/notes')).resolves.toMatchObject({ status: 503 });
    await expect(post('{"text":"x"}')).resolves.toMatchObject({ status: 503 });
  });

  it('has nothing elsewhere', async () => {
    await expect(get('/nothing')).resolves.toMatchObject({ status: 404 });
    await expect(get('/toString')).resolves.toMatchObject({ status: 404 });
  });

  it('says which methods a path takes', async () => {
    const { status, headers } = await get('/api/v1/public/notes', { method: 'DELETE' });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, POST');
  });

  it('answers HEAD like GET, without a body', async () => {
    await expect(get('/version', { method: 'HEAD' })).resolves.toMatchObject({ status: 200, body: '' });
  });
});
