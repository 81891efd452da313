import Ajv from 'ajv';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  commentLimit,
  commentMarker,
  jsonReport,
  renderComment,
  renderText,
  reportSchema,
  type Review,
} from '../../../review';
import { corpus } from './corpus';
import { everyForm } from './every-form';
import { skeleton, texts } from './markdown';
import { change, encoded, reviewed, server, updated } from './plans';

const on = { allow_reinstall: true };
const wiped = updated({ user_data: encoded('#cloud-config\nusers: [default]\n'), ...on });

describe('the comment', () => {
  it('begins with the marker of its environment, then the verdict', () => {
    const lines = renderComment(reviewed([wiped], { environment: 'production' })).split('\n');
    expect(lines[0]).toBe('<!-- cogni-review environment=production -->');
    expect(lines[1]).toBe('## 🛑 <code>production</code>: 1 resource will be WIPED: its disk is emptied');
  });

  it('has another marker for each environment, whatever its name', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        fc.pre(one !== other);
        expect(commentMarker(one)).not.toBe(commentMarker(other));
        expect(commentMarker(one)).toMatch(
          /^<!-- cogni-review environment=(?!.*--.*-->)[A-Za-z0-9._-]* -->$/,
        );
      }),
    );
  });

  it('shows the worst change first', () => {
    const text = renderComment(
      reviewed([updated({ name: 'x' }, {}, {}), { ...wiped, address: 'cherryservers_server.worst' }]),
    );
    expect(text.indexOf('**WIPE**')).toBeLessThan(text.indexOf('| **UPDATE**'));
  });

  it('shows user data decoded, line by line, also when it is compressed', () => {
    const zipped = (text: string): string => gzipSync(text).toString('base64');
    for (const encode of [encoded, zipped]) {
      const before = { user_data: encode('#cloud-config\na: 1\nb: 2\n') };
      const review = reviewed([
        updated({ user_data: encode('#cloud-config\na: 1\nb: 3\n'), ...on }, {}, before),
      ]);
      expect(review.changes[0]!.documents[0]!.diff).toBe(' #cloud-config\n a: 1\n-b: 2\n+b: 3');
      expect(renderComment(review)).toContain('-b: 2\n+b: 3\n```');
      expect(renderText(review)).toContain('      -b: 2\n      +b: 3');
    }
  });

  it('says why a document is not shown', () => {
    const note = (after: unknown, inChange = {}): string | undefined =>
      reviewed([updated({ user_data: after, ...on }, inChange)]).changes[0]!.documents[0]!.note;
    expect(note(Buffer.from([0x1f, 0x8b, 1, 2]).toString('base64'))).toContain('compressed, and damaged');
    expect(note(Buffer.from([0xff, 0xfe, 0xfd]).toString('base64'))).toContain('binary (3 bytes)');
    expect(note(undefined, { after_unknown: { user_data: true } })).toContain('known after apply');
    expect(note('x', { after_sensitive: { user_data: true } })).toContain('sensitive');
  });

  it('says that a value is only known after apply', () => {
    const review = reviewed([updated({ hostname: undefined }, { after_unknown: { hostname: true } })]);
    expect(renderText(review)).toContain('hostname: prod-app -> (known after apply)');
  });

  it('gives diagnostics as Terraform gave them, and says when there were none to read', () => {
    const detail = 'This **will** wipe\n```\nall of your data';
    const text = renderComment(
      reviewed([wiped], { diagnostics: [{ severity: 'warning', summary: 'S', detail }] }),
    );
    expect(text).toContain(`\`\`\`\`text\nS\n\n${detail}\n\`\`\`\``);
    expect(renderComment(reviewed([wiped]))).toContain('Not handed in');
  });

  it('says what it costs, where the plan has prices', () => {
    const review = reviewed([
      change(['delete'], server, null),
      change(
        ['create'],
        null,
        { ...server, pricing: undefined },
        { address: 'cherryservers_server.new' },
        { after_unknown: { pricing: true } },
      ),
    ]);
    expect(review.cost).toEqual([
      { address: 'cherryservers_server.app', before: 0.03, after: null, currency: 'EUR', cycle: 'hourly' },
      {
        address: 'cherryservers_server.new',
        before: null,
        after: undefined,
        currency: undefined,
        cycle: 'hourly',
      },
    ]);
    expect(renderText(review)).toContain('cherryservers_server.app: 0.03 EUR hourly -> nothing');
    expect(renderText(review)).toContain('cherryservers_server.new: nothing -> not in the plan');
  });

  it('does not call a price unknown that the change cannot touch', () => {
    const unknown = { after_unknown: { pricing: true } };
    expect(reviewed([updated({ name: 'x', pricing: undefined }, unknown)]).cost).toEqual([]);
    expect(reviewed([updated({ plan: 'B2', pricing: undefined }, unknown)]).cost).toHaveLength(1);
  });

  it('draws what refers to what changes', () => {
    const resources = [
      { address: 'cherryservers_server.app', expressions: {} },
      {
        address: 'cherryservers_ip.edge',
        expressions: {
          target_id: { references: ['cherryservers_server.app.id', 'cherryservers_server.app'] },
        },
      },
    ];
    const text = renderComment(reviewed([wiped], {}, { configuration: { root_module: { resources } } }));
    expect(text).toContain('n0["WIPE#58; cherryservers_server.app"]:::destructive');
    expect(text).toContain('n0 --> n1');
  });
});

describe('the limit of a comment', () => {
  const many = (count: number, make: (index: number) => Readonly<Record<string, unknown>>) =>
    reviewed(Array.from({ length: count }, (_, index) => make(index)));

  it.each([1, 300, 3_000])('holds with %d wipes, and no verdict is left out of the count', (count) => {
    const review = many(count, (index) => ({ ...wiped, address: `cherryservers_server.host_${index}` }));
    const text = renderComment(review);
    expect(text.length).toBeLessThanOrEqual(commentLimit);
    expect(text).toContain(`**WIPE**: ${count} resource`);
    const rows = text.match(/^\| \*\*WIPE\*\* \|.*$/gm)!.length;
    expect(rows === count || text.includes(`…and ${count - rows} more resources, counted above`)).toBe(true);
  });

  it('leaves out whole resources of the plan, and closes what it opened', () => {
    const big = 'x'.repeat(390);
    const text = renderComment(many(400, (index) => updated({ name: big }, {}, { hostname: `h${index}` })));
    expect(text.length).toBeLessThanOrEqual(commentLimit);
    expect(text).toMatch(/…and \d+ more resources of the full plan/);
    expect(text.match(/<details>/g)!.length).toBe(text.match(/<\/details>/g)!.length);
    expect(text.match(/^`{3,}/gm)!.length % 2).toBe(0);
  });

  it('holds over generated plans, and the worst change is always in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 900, unit: 'binary' }), { maxLength: 40 }), (names) => {
        const review = many(names.length, (index) =>
          updated({ name: names[index], ...on, image: 'x' }, {}, { tags: { [names[index]!]: 'y' } }),
        );
        const text = renderComment(review);
        expect(text.length).toBeLessThanOrEqual(commentLimit);
        if (names.length > 0) expect(text).toContain('| **WIPE** |');
      }),
      { numRuns: 15 },
    );
  });
});

describe('secrets', () => {
  const planted = 'hunter2-planted-secret';
  const secret = { name: planted, tags: { DB_PASSWORD: planted, nested: planted } };

  it.each([
    ['sensitive as a whole', { before_sensitive: true, after_sensitive: true }],
    [
      'sensitive one by one',
      {
        after_sensitive: { name: true, tags: true, user_data: true, image: true },
        before_sensitive: { name: true, tags: true, user_data: true, image: true },
      },
    ],
  ])('are in no form of the report when the plan calls them %s', (_, masks) => {
    const review = reviewed([
      updated(
        { ...secret, user_data: encoded(`#cloud-config\n# ${planted}\n`), image: planted, ...on },
        masks,
      ),
    ]);
    for (const form of everyForm(review)) {
      expect(form).not.toContain(planted);
      expect(form).not.toContain(encoded(planted).slice(0, 16));
    }
  });

  it('are hidden by the name that they stand under, also inside a document', () => {
    const review = reviewed(
      [
        updated({
          tags: { DB_PASSWORD: planted, list: 'x' },
          user_data: encoded(
            `#cloud-config\nDB_PASSWORD=${planted}\n"DB_PASSWORD": "${planted} and more"\nnew: 1\n`,
          ),
          ...on,
        }),
      ],
      { masking: { secretNames: ['DB_PASSWORD'] } },
    );
    const document = updatedDocument(review);
    for (const form of everyForm(review)) {
      expect(form).not.toContain(planted);
      expect(form).not.toMatch(/[A-Za-z0-9+/]{60}/);
    }
    expect(document).toContain('+DB_PASSWORD=');
    expect(renderText(review)).toContain('tags.DB_PASSWORD: (none) -> (secret DB_PASSWORD)');
    expect(renderText(review)).toContain('+new: 1');
  });

  it('are taken out wherever the caller knows them: names, keys, values, documents, diagnostics, outputs', () => {
    const redact = (text: string): string => text.replaceAll(planted, '[secret]');
    const review = reviewed(
      [
        updated({
          ...secret,
          user_data: encoded(`#cloud-config\n# ${planted}\n`),
          tags: { [planted]: [planted] },
          ...on,
        }),
        { ...wiped, address: `cherryservers_server.app["${planted}"]` },
        { ...change(['delete'], server, null), address: `x.${planted}` },
      ],
      {
        masking: { redact },
        diagnostics: [{ severity: 'warning', summary: planted, detail: planted, address: planted }],
      },
      {
        output_changes: {
          [planted]: {
            actions: ['update'],
            before: planted,
            after: planted,
            after_unknown: false,
            before_sensitive: false,
            after_sensitive: false,
          },
        },
      },
    );
    for (const form of everyForm(review)) expect(form).not.toContain(planted);
  });

  it('are in no part of an output that is sensitive in another part', () => {
    const value = { user: planted, password: 'x' };
    const output = {
      actions: ['update'],
      before: value,
      after: { ...value, password: 'y' },
      after_unknown: false,
    };
    const mask = { password: true };
    const review = reviewed(
      [],
      {},
      { output_changes: { login: { ...output, before_sensitive: mask, after_sensitive: mask } } },
    );
    expect(review.outputs).toMatchObject([{ before: { kind: 'sensitive' }, after: { kind: 'sensitive' } }]);
    for (const form of everyForm(review)) expect(form).not.toContain(planted);
  });

  it('are in no encoded text either, whatever the attribute and the type are', () => {
    const blob = encoded(`#!/bin/sh\nDB_PASSWORD=${planted}\n${'x'.repeat(80)}\n`);
    const unknown = change(['update'], { blob: 'x' }, { blob, list: [blob] }, { type: 'aws_instance' });
    const review = reviewed([unknown], { masking: { secretNames: ['DB_PASSWORD'] } });
    for (const form of everyForm(review)) {
      expect(form).not.toContain(planted);
      expect(form).not.toContain(blob.slice(0, 40));
    }
  });

  it('do not make a change invisible: one that only a secret explains is said to be there', () => {
    const before = { user_data: encoded('#cloud-config\nTOKEN=one\n') };
    const review = reviewed(
      [updated({ user_data: encoded('#cloud-config\nTOKEN=two\n'), ...on }, {}, before)],
      {
        masking: { secretNames: ['TOKEN'] },
      },
    );
    expect(review.verdict).toBe('WIPE');
    expect(renderComment(review)).toContain('they differ only in what is secret');
  });
});

const updatedDocument = (review: Review): string => review.changes[0]!.documents[0]!.diff;

/** Texts as somebody would write them who wants the comment to say something else. */
const attacks = [
  ...[
    '@octocat',
    '#1',
    'x|y',
    '`a`',
    '``` \n```',
    '</code></details>',
    '<img src=x onerror=1>',
    '[a](http://b)',
  ],
  ...[
    '![a](b)',
    '**b**',
    '__b__',
    '~~b~~',
    '\n\n# h',
    '\r\n| a |',
    '-->',
    '<!-- -->',
    '&lt;b&gt;',
    'http://a.example',
  ],
  ...[
    'www.a.example',
    'a@b.example',
    '\u202eabc',
    '\u001b[2J',
    '\u0000',
    '"]; click n0 "javascript:1"',
    '%%{init:{}}%%',
  ],
  ...['"]:::x\n  n9', '\\|', '\\`', '$a$', '::: x', ' <b', 'GH-1', 'a/b#1', '---', '1. a', '> q', '- [ ] t'],
];
const hostile = fc.oneof(fc.constantFrom(...attacks), fc.string({ unit: 'binary', minLength: 1 }));

describe('hostile names and values', () => {
  const review = (name: string): Review =>
    reviewed(
      [
        {
          ...updated({
            name,
            tags: { [name]: name },
            image: 'x',
            user_data: encoded(`#cloud-config\n${name}\n`),
            ...on,
          }),
          address: `cherryservers_server.app["${name}"]`,
        },
      ],
      {
        environment: name,
        commit: name,
        diagnostics: [{ severity: 'warning', summary: name, detail: name, address: name }],
      },
      {
        output_changes: {
          [name]: {
            actions: ['update'],
            before: name,
            after: `${name}x`,
            after_unknown: false,
            before_sensitive: false,
            after_sensitive: false,
          },
        },
      },
    );
  const harmless = skeleton(renderComment(review('harmless')));

  it('leave the structure of the comment as it is, read by a parser of Markdown', () => {
    for (const name of [attacks.join(' '), attacks.join('\n')])
      expect(skeleton(renderComment(review(name)))).toEqual(harmless);
    fc.assert(
      fc.property(hostile, (name) => expect(skeleton(renderComment(review(name)))).toEqual(harmless)),
      { numRuns: 20 },
    );
  });

  it('stand in the comment to the letter, or visibly by number', () => {
    expect(texts(renderComment(review('@a|<b>`c`\u202e'))).join('\n')).toContain('@a|<b>`c`\\u{202e}');
  });

  it('move no cursor and hide nothing, in any form', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        for (const form of everyForm(review(name)).slice(0, 3))
          expect(form).not.toMatch(/[^\P{Cc}\n\t]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('end no label of the picture', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        const picture = /```mermaid\n([\s\S]*?)\n```/.exec(renderComment(review(name)))![1]!;
        for (const line of picture.split('\n'))
          expect(line).toMatch(
            /^(flowchart LR| {2}n\d+\["[^"`<>&;%]*(?:#\d+;[^"`<>&;%]*)*"\]:::[a-z]+| {2}n\d+ --> n\d+| {2}classDef [a-z]+ [a-z0-9:,#]+)$/,
          );
      }),
    );
  });
});

describe('the report as JSON', () => {
  const valid = new Ajv().compile(reportSchema() as object);

  it('is of the published schema, for every plan of the corpus', () => {
    for (const { plan } of corpus) {
      const changes = plan['resource_changes'] as never;
      const drift = plan['resource_drift'] as never;
      expect([
        valid(jsonReport(reviewed(changes, { state: { serial: 3 } }, { resource_drift: drift }))),
        valid.errors,
      ]).toEqual([true, null]);
    }
  });

  it('has the schema that is committed (npm run review-schema)', () => {
    const committed = JSON.parse(
      readFileSync(join(__dirname, '..', '..', '..', 'review', 'report.schema.json'), 'utf8'),
    );
    expect(committed).toEqual(JSON.parse(JSON.stringify(reportSchema())));
  });
});
