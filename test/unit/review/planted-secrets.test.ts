import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reviewFile } from '../../../cli/review-file';
import { messageOf } from '../../../foundation/failure';
import { readDiagnostics, readPlan, reviewPlan, type Masking, type Review } from '../../../review';
import type { Recorded } from '../../../scripts/review-corpus';
import { corpus } from './corpus';
import { everyForm } from './every-form';

const planted = 'planted-Secret-0815';
const encodings = [
  planted,
  Buffer.from(planted).toString('base64').slice(0, 20),
  Buffer.from(planted).toString('hex'),
  encodeURIComponent(planted),
];

type Tree = Record<string, unknown>;
type Path = readonly (string | number)[];

/** Paths of all texts, numbers and truth values of a tree. */
function leaves(tree: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(tree)) return tree.flatMap((each, index) => leaves(each, [...path, index]));
  if (typeof tree !== 'object' || tree === null) return tree === null || tree === undefined ? [] : [path];
  return Object.entries(tree).flatMap(([key, each]) => leaves(each, [...path, key]));
}

/** The tree with another value at a place; what is missing on the way is made. */
function withAt(tree: unknown, [first, ...rest]: Path, value: unknown): unknown {
  if (first === undefined) return value;
  if (Array.isArray(tree))
    return tree.map((each: unknown, at) => (at === first ? withAt(each, rest, value) : each));
  const object = typeof tree === 'object' && tree !== null ? (tree as Tree) : {};
  return { ...object, [first]: withAt(object[first], rest, value) };
}

const reviewed = (
  plan: object,
  diagnostics: readonly unknown[] = [],
  masking: Partial<Masking> = {},
): Review =>
  reviewPlan({
    plan: readPlan(JSON.stringify(plan)),
    diagnostics:
      diagnostics.length === 0
        ? []
        : readDiagnostics(diagnostics.map((line) => JSON.stringify(line)).join('\n')),
    masking,
    now: 0,
  });

/** What of these texts is in some form of the report. */
const shownOf = (review: Review, texts: readonly string[] = encodings): readonly string[] => {
  const forms = everyForm(review);
  return texts.filter((text) => forms.some((form) => form.includes(text)));
};

/** Every place of every plan where a value stands: before and after, of changes, drift and outputs. */
interface Place {
  readonly plan: Recorded['plan'];
  readonly change: Path;
  readonly side: 'before' | 'after';
  readonly at: Path;
}

function placesIn(plan: Recorded['plan']): readonly Place[] {
  const lists = ['resource_changes', 'resource_drift'].flatMap((list) =>
    ((plan[list] ?? []) as readonly object[]).map((_, index): Path => [list, index, 'change']),
  );
  const outputs = Object.keys(plan['output_changes'] ?? {}).map((name): Path => ['output_changes', name]);
  return [...lists, ...outputs].flatMap((change) =>
    (['before', 'after'] as const).flatMap((side) => {
      const value = change.reduce<unknown>((tree, key) => (tree as Tree)[key], plan);
      return leaves((value as Tree)[side]).map((at): Place => ({ plan, change, side, at }));
    }),
  );
}

/** Places that look alike to the review are tried once. */
function distinct(places: readonly Place[]): readonly Place[] {
  const kinds = new Map<string, Place>();
  for (const place of places) {
    const resource = place.change
      .slice(0, -1)
      .reduce<unknown>((tree, key) => (tree as Tree)[key], place.plan) as Tree;
    const change = place.change.reduce<unknown>((tree, key) => (tree as Tree)[key], place.plan) as Tree;
    // Parts of lists are not told apart.
    const at = place.at.filter((part) => typeof part === 'string');
    const kind = [resource['type'], place.change[0], change['actions'], place.side, at];
    kinds.set(JSON.stringify(kind), place);
  }
  return [...kinds.values()];
}

const places = distinct(corpus.flatMap(({ plan }) => placesIn(plan)));
/** The plan with one change and no other, which is reviewed sooner. */
const alone = (plan: Tree, [list, at]: Path): object => {
  if (list === 'output_changes') return { ...plan, resource_changes: [], resource_drift: [] };
  const none = { resource_changes: [], resource_drift: [], output_changes: {} };
  return { ...plan, ...none, [list!]: [(plan[list!] as readonly unknown[])[Number(at)]] };
};

/** Texts in base64, as user data is: the secret is put inside. */
const encoded = Buffer.from(`#cloud-config\n# ${planted}\n${'x'.repeat(80)}\n`).toString('base64');

describe('a secret that is planted in the plans of the corpus', () => {
  it('has hundreds of different places to be in', () => {
    expect(places.length).toBeGreaterThan(200);
  });

  it('is in no form of the report, from any place that the plan calls sensitive', () => {
    const leaks: string[] = [];
    for (const { plan, change, side, at } of places)
      for (const secret of at.length === 1 ? [planted, encoded] : [planted]) {
        const holding = withAt(plan, [...change, side, ...at], secret);
        const masked = withAt(holding, [...change, `${side}_sensitive`, ...at], true);
        const shown = shownOf(reviewed(alone(masked as Tree, change)), [...encodings, encoded.slice(0, 60)]);
        if (shown.length > 0) leaks.push([...change, side, ...at].join('.'));
      }
    expect(leaks).toEqual([]);
  });

  it('is in none either when it is known, whatever the plan says: in every text, document, message and name', () => {
    const redact = (text: string): string => text.replaceAll(planted, '[secret]');
    for (const { plan, diagnostics } of corpus) {
      const everywhere = placesIn(plan).reduce<unknown>(
        (tree, { change, side, at }) =>
          withAt(tree, [...change, side, ...at], at.at(-1) === 'user_data' ? encoded : `a ${planted} b`),
        plan,
      );
      const messages = JSON.parse(
        JSON.stringify(diagnostics).replaceAll(/"(summary|detail)":"/g, `"$1":"${planted} `),
      ) as readonly unknown[];
      expect(shownOf(reviewed(everywhere as object, messages, { redact }))).toEqual([]);
    }
  });

  it('is in none when it stands under the name of a secret, beside the attributes of every resource', () => {
    for (const { plan } of corpus) {
      const named = (['resource_changes', 'resource_drift'] as const).reduce<Tree>(
        (tree, list) => ({
          ...tree,
          [list]: ((plan[list] ?? []) as readonly { readonly change: Tree }[]).map((resource) => {
            const change = { ...resource.change };
            for (const side of ['before', 'after'])
              if (change[side])
                change[side] = { ...(change[side] as Tree), tags: { DB_PASSWORD: `${planted}${side}` } };
            return { ...resource, change };
          }),
        }),
        plan,
      );
      expect(shownOf(reviewed(named, [], { secretNames: ['DB_PASSWORD'] }))).toEqual([]);
    }
  });
});

describe('the files and messages of cogni review', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'planted-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const lines = [
    '#cloud-config',
    `POSTGRES_ROOT_PASSWORD=${planted}`,
    'ssh_keys:',
    '  ed25519_private: |',
    ...['-----BEGIN OPENSSH PRIVATE KEY-----', planted, '-----END OPENSSH PRIVATE KEY-----'].map(
      (line) => `    ${line}`,
    ),
  ];
  const document = Buffer.from(`${lines.join('\n')}\n`).toString('base64');
  const { plan } = corpus.find(({ scenario }) => scenario === 'server user_data changed, reinstall allowed')!;
  const change = ['resource_changes', 0, 'change'];
  const text = JSON.stringify(withAt(plan, [...change, 'after', 'user_data'], document));

  it('hold no secret that stands after its name in the user data, and no private key', () => {
    const [file, comment, summary] = ['plan.json', 'comment.md', 'summary.md'].map((name) =>
      join(folder, name),
    );
    writeFileSync(file!, text);
    const { document: report, text: printed } = reviewFile(file!, {
      providerVersion: [],
      comment: comment!,
      summary: summary!,
    });
    const forms = [
      JSON.stringify(report()),
      printed(),
      ...[comment!, summary!].map((each) => readFileSync(each, 'utf8')),
    ];
    for (const form of forms) {
      for (const each of [...encodings, document.slice(0, 40)]) expect(form).not.toContain(each);
      expect(form).toContain('POSTGRES_ROOT_PASSWORD');
    }
  });

  it.each([
    ['cut off', text.slice(0, -20)],
    ['of another shape', text.replace('"actions":["update"]', `"actions":"${planted}"`)],
    ['of a newer format', text.replace('"format_version":"1.2"', '"format_version":"9.9"')],
  ])('quote nothing of a plan that is %s', (_, broken) => {
    const file = join(folder, 'plan.json');
    writeFileSync(file, broken);
    let said = '';
    try {
      reviewFile(file, { providerVersion: [] });
    } catch (thrown) {
      said = messageOf(thrown);
    }
    expect(said).toContain('that does not mean safe');
    expect(said).not.toContain(planted);
  });
});
