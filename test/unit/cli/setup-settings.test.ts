import { randomBytes } from 'node:crypto';
import { setupEnvironments } from '../../../cli/settings-documents';
import type { StateBackend } from '../../../infra/backend';
import {
  generateSettings,
  isSettingName,
  renderSetupPage,
  valueFaults,
  type SettingName,
} from '../../../services';
import { Secret } from '../../../foundation/secret';
import type { EnvironmentRecord } from '../../../stacks/environment';
import { environments } from '../../../stacks/environments';
import { examineFor, purposesOf } from '../../../stacks/purposes';
import { commandsOf, commandsRun } from '../../setup-page';
import { sourcecredProps } from '../services/everything';

const states: readonly StateBackend[] = [
  { kind: 'local', folder: '.cogni/state' },
  { kind: 's3', bucket: 'cogni-states', region: 'us-east-1' },
  { kind: 'pg' },
  { kind: 'http', address: 'https://states.cogni.test' },
];

/** The records there are, and what one may come to have besides. */
const records: readonly EnvironmentRecord[] = environments.flatMap((record) => [
  record,
  { ...record, runtime: { ...record.runtime, litellm: 'off', alloy: false } },
  { ...record, sourcecred: sourcecredProps.instance },
  {
    ...record,
    archive: {
      image: `registry.cogni.test/postgres@sha256:${'c'.repeat(64)}`,
      endpoint: 's3.cogni.test',
      bucket: 'cogni-archive',
      region: 'us-east-1',
      keep: { daily: 7 },
    },
  },
]);

const cases = records.flatMap((record, at) =>
  states.map((state) => {
    const named = { ...record, state, domain: `${record.name}.cogni.test` };
    return [`${record.name} (${at % 4}), state ${state.kind}`, named] as const;
  }),
);

/** Something that a person could put there: the first of these that the catalogue takes. */
function value(name: SettingName): string {
  const fits = [
    '4242',
    'cogni-bot',
    'https://logs.cogni.test/push',
    'postgres://state:p4ssw0rd-of-it@db.cogni.test/states?sslmode=verify-full',
    `ghp_${'a1'.repeat(18)}`,
    'a1'.repeat(32),
  ].find((each) => valueFaults(name, each).length === 0);
  if (fits === undefined) throw new Error(`no value is known here for ${name}`);
  return fits;
}

const generated = Object.fromEntries(
  [...generateSettings((count) => randomBytes(count))].map(([name, made]) => [
    name,
    made instanceof Secret ? made.reveal() : made,
  ]),
);

/** What who follows a part of the page has: in the shell, and in the file of settings. */
function followed(page: string, parts: readonly string[], name: string) {
  const exported = parts
    .flatMap((part) => commandsOf(part, 'for the shell', page))
    .flatMap((line) => /\bexport (\w+)/.exec(line)?.[1] ?? []);
  const title = name.replace(/^./, (first) => first.toUpperCase());
  const [, part = ''] = page.split(new RegExp(`^## \\d+\\. ${title}$`, 'm'));
  const [own = ''] = part.split(/^## /m);
  const listed = [...own.matchAll(/^- `(\w+)`: /gm)].map(([, each = '']) => each);
  const of = (names: readonly string[]) =>
    Object.fromEntries(names.filter(isSettingName).map((each) => [each, value(each)]));
  return { shell: of(exported), file: { ...generated, ...of(listed) } };
}

/** Every fault of everything that the record is for. Terraform reads the shell alone. */
const faults = (record: EnvironmentRecord, { shell, file }: ReturnType<typeof followed>): readonly string[] =>
  purposesOf(record).flatMap((purpose) =>
    examineFor(record, purpose, purpose === 'provision' ? shell : { ...file, ...shell }).faults.map(
      ({ setting, kind }) => `${setting} ${kind}`,
    ),
  );

describe('the settings that docs/setup.md leads to', () => {
  it.each(cases)('are all that the environment needs: %s', (_, record) => {
    const page = renderSetupPage(setupEnvironments([record]));
    expect(faults(record, followed(page, ['Accounts, once'], record.name))).toEqual([]);
  });

  it.each(cases)(
    'are in the shell again on a new machine, where an export brought the file: %s',
    (_, record) => {
      const page = renderSetupPage(setupEnvironments([record]));
      const { shell } = followed(page, [`Recovery of ${record.name}`], record.name);
      const { file } = followed(page, ['Accounts, once'], record.name);
      expect(faults(record, { shell, file })).toEqual([]);
    },
  );

  it.each(cases)('come by commands that a test runs, each of them: %s', (_, record) => {
    const page = renderSetupPage(setupEnvironments([record]));
    expect(commandsRun('for the shell', page).length).toBeGreaterThan(1);
  });

  it('have one step for each kind of state, which names the buckets or the servers to be made, and for whom', () => {
    const [local, bucket, , server] = states;
    const other: StateBackend = { kind: 's3', bucket: 'other-states', region: 'us-east-1' };
    const of = (...chosen: readonly (StateBackend | undefined)[]): string =>
      renderSetupPage(
        setupEnvironments(
          environments.map((record, at) => ({ ...record, state: chosen[at] ?? record.state })),
        ),
      );
    const titles = (page: string): readonly string[] =>
      [...page.matchAll(/^### \S+ (State of .*)$/gm)].map(([, title = '']) => title);
    expect(titles(of(bucket, other))).toEqual(['State of preview and production']);
    expect(of(bucket, other)).toContain('in S3: `cogni-states` (preview), `other-states` (production). Make');
    expect(titles(of(bucket, server))).toEqual(['State of preview', 'State of production']);
    expect(of(bucket, server)).toContain('Terraform: `https://states.cogni.test` (production). Have');
    expect(titles(of(local, local))).toEqual([]);
  });
});
