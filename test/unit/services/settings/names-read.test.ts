import { load } from 'js-yaml';
import { workflowTargets } from '../../../../cli/workflow-targets';
import { synthesize, type Project } from '../../../../compose';
import { isSettingName, receiverProject } from '../../../../services';
import { allWorkflows } from '../../../../workflows';
import { isOfShellAlone } from '../../../../services/settings/catalogue';
import { receiver } from '../archive/receiver';
import { everything } from '../everything';
import { digest } from '../example';
import {
  codeFolders,
  namesInCode,
  namesInScript,
  namesInSql,
  namesOfProcess,
  namesReadIn,
  noSettings,
} from './variables-read';

const projects: readonly Project[] = [
  ...everything(),
  receiverProject({
    environment: 'preview',
    image: `registry.cogni.test/one@${digest('a')}`,
    receiver,
    database: { address: '192.0.2.1', user: 'receiver', alias: 'cogni-preview' },
    pins: '',
  }),
];

interface Rendered {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly entrypoint?: readonly string[];
        readonly environment?: Readonly<Record<string, unknown>> | readonly string[];
        readonly volumes?: readonly { readonly source?: string }[];
      }
    >
  >;
}

/** A program of ours in a container, what it takes from its environment, and the names that the container is given. */
const programs = projects.flatMap((project) => {
  const files = synthesize(project);
  const { services } = load(files.find(({ path }) => path === 'compose.yaml')?.content ?? '') as Rendered;
  return files.flatMap(({ path, content }) => {
    const read = path.endsWith('.sh')
      ? namesInScript(content)
      : path.endsWith('.sql')
        ? namesInSql(content)
        : [];
    const file = path.slice(path.lastIndexOf('/') + 1);
    const folder = path.slice(0, path.indexOf('/'));
    const all = Object.values(services);
    const runs = all.filter(({ entrypoint = [] }) => entrypoint.some((word) => word.endsWith(`/${file}`)));
    // What is no container's first program is run by one of those that see its folder.
    const seeing = all.filter(({ volumes = [] }) =>
      volumes.some(({ source = '' }) => source.startsWith(`./${folder}`)),
    );
    const given = (runs.length > 0 ? runs : seeing).flatMap(({ environment = {} }) =>
      Array.isArray(environment)
        ? environment.map((each: string) => each.split('=')[0] ?? '')
        : Object.keys(environment),
    );
    return read.length === 0 ? [] : [[`${project.name}: ${file}`, read, given] as const];
  });
});

/** Names in the steps of workflows that are handed in there. */
const ofWorkflows = allWorkflows(workflowTargets()).flatMap(({ file, jobs }) =>
  Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap((step) =>
      ('env' in step ? Object.keys(step.env ?? {}) : []).map((name) => [name, file] as const),
    ),
  ),
);

const ofCode = new Map(codeFolders.flatMap((folder) => [...namesReadIn(folder)]));

const undeclared = (names: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] =>
  [...names].filter(([name]) => !isSettingName(name) && !(name in noSettings));

describe('the variables that something of ours reads', () => {
  it('are found in whatever way code reads them', () => {
    const text = [
      'process.env.DOTTED; process.env?.maybe;',
      "process.env['QUOTED']; variables['lower_case'];",
      'const { ONE, two: other } = process.env;',
      '// process.env.NOT_CODE',
    ].join('\n');
    expect([...namesInCode(text)].sort()).toEqual(
      ['DOTTED', 'ONE', 'QUOTED', 'lower_case', 'maybe', 'two'].sort(),
    );
    expect(codeFolders).toEqual(expect.arrayContaining(['recovery', 'workflows', 'scripts', 'services']));
    expect(ofCode.get('RECOMPUTE_HOURS')).toMatch(/^services\/.*\.js$/);
  });

  it('are found in whatever way a script takes them', () => {
    const text = [
      'echo "$PLAIN ${BRACED} ${WITH_DEFAULT:-no}"; OWN=1; echo "$OWN"',
      'export KEPT="${KEPT:-here}" SET=there; echo "$SET"',
      '# echo $NOT_CODE',
      'coproc HOLDER { sql; }; read -r line <&"${HOLDER[0]}"',
      "  setting ARCHIVE_KEY HERE 3 '' ''",
    ].join('\n');
    expect([...namesInScript(text)].sort()).toEqual(['BRACED', 'HERE', 'KEPT', 'PLAIN', 'WITH_DEFAULT']);
    expect(namesInSql("\\set A ''\n\\getenv A B\n")).toEqual(['B']);
  });

  it('are settings of the catalogue in code, or stand in one list with a reason', () => {
    expect(undeclared(ofCode)).toEqual([]);
  });

  it('are asked of the process alone only where a file of settings may not hold them', () => {
    const asked = codeFolders.flatMap((folder) => [...namesReadIn(folder, namesOfProcess)]);
    expect(asked.map(([name]) => name)).toEqual(
      expect.arrayContaining(['GITHUB_TOKEN', 'COGNI_WATCH_WEBHOOK']),
    );
    expect(asked.filter(([name]) => isSettingName(name) && !isOfShellAlone(name))).toEqual([]);
  });

  it('are settings in the steps of workflows, or stand in that list', () => {
    expect(ofWorkflows.length).toBeGreaterThan(100);
    expect(undeclared(ofWorkflows)).toEqual([]);
  });

  it.each(programs)('are given to the container, or stand in that list: %s', (_program, read, given) => {
    expect(read.filter((name) => !given.includes(name) && !(name in noSettings))).toEqual([]);
  });

  it('are those of every program that a container begins with', () => {
    const seen = programs.map(([program]) => program);
    expect(seen).toEqual(
      expect.arrayContaining([
        'cogni-runtime: provision.sh',
        'cogni-runtime: start.sh',
        'cogni-runtime: backup.sh',
        'cogni-runtime: copies.sh',
        'cogni-runtime: roles.sql',
      ]),
    );
  });

  it('stand in that list only while something reads them, and are no settings', () => {
    const read = new Set([
      ...ofCode.keys(),
      ...ofWorkflows.map(([name]) => name),
      ...programs.flatMap(([, names]) => names),
    ]);
    expect(Object.keys(noSettings).filter((name) => !read.has(name))).toEqual([]);
    expect(Object.keys(noSettings).filter(isSettingName)).toEqual([]);
    for (const reason of Object.values(noSettings)) expect(reason).toMatch(/\w{3,}.* .*\w/);
  });
});
