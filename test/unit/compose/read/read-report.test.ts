import { rules } from '../../../../compose/check';
import { rawOnly } from '../../../../compose/raw-only';
import { notApplied } from '../../../../compose/read/document-rules';
import { reportOnFiles, type ReadReport } from '../../../../compose/read/read-report';
import { corpusCases, corpusFiles } from '../../../tool/compose/corpus';
import { projectWith, refusedByCompose, refusedByEngine, takenByCompose } from '../refused-by-compose';
import { schemaPaths } from './schema-paths';

const report = (text: string): ReadReport =>
  reportOnFiles(['compose.yaml'], (path) => (path === 'compose.yaml' ? text : undefined)).report;
const digest = `@sha256:${'a'.repeat(64)}`;
const sound = `image: a${digest}, mem_limit: 64m, logging: {driver: local, options: {max-size: 1m}}`;
const broken = (text: string): readonly string[] =>
  report(text).breaches.map(({ code, line, path, message }) => `${code} ${line ?? '-'} ${path} ${message}`);
const otherwise = (text: string): readonly string[] =>
  report(text).inexpressible.map(({ path, why }) => `${path} ${why}`);

describe('the rules of the library, asked of existing files', () => {
  it('find nothing in a project that keeps them', () => {
    expect(report(`services: {app: {${sound}}}`)).toMatchObject({
      faults: [],
      breaches: [],
      inexpressible: [],
    });
  });

  it.each(refusedByCompose)('find what Docker Compose refuses: $title', ({ text, code }) => {
    expect(report(text)).toMatchObject({ faults: [] });
    expect(report(text).breaches.map((breach) => breach.code)).toContain(code);
  });

  it.each(takenByCompose)('find nothing that Docker Compose refuses in %s', (entry) => {
    expect(report(projectWith(entry)).faults).toEqual([]);
    expect(broken(projectWith(entry)).filter((line) => line.startsWith('COMPOSE-804'))).toEqual([]);
  });

  it.each(refusedByEngine)('find what the engine refuses, and say so: %s', (entry) => {
    expect(broken(projectWith(entry))).toEqual([
      expect.stringMatching(/^COMPOSE-804 .*: Compose or the engine refuses anything else$/),
    ]);
  });

  const breaches: readonly (readonly [code: string, text: string])[] = [
    ['COMPOSE-102', `services: {a: {${sound}, environment: ["A B=1"]}}`],
    ['COMPOSE-202', `services: {a: {${sound}}}\nvolumes: {left: }`],
    ['COMPOSE-203', `services: {a: {${sound}, depends_on: [b]}, b: {${sound}, profiles: [job]}}`],
    ['COMPOSE-205', `services: {a: {${sound}, healthcheck: {test: "true", interval: 0s}}}`],
    ['COMPOSE-207', `services: {a: {${sound}, depends_on: [b]}, b: {${sound}, depends_on: [a]}}`],
    ['COMPOSE-208', `services: {a: {${sound}, networks: [absent]}}`],
    [
      'COMPOSE-209',
      `services: {a: {${sound}, depends_on: {b: {condition: service_healthy}}}, b: {${sound}}}`,
    ],
    [
      'COMPOSE-210',
      `services: {a: {${sound}, depends_on: {b: {condition: service_completed_successfully}}}, b: {${sound}, restart: always}}`,
    ],
    ['COMPOSE-301', `services: {a: {${sound}, ports: ["80:80"]}, b: {${sound}, ports: ["80:81"]}}`],
    [
      'COMPOSE-302',
      `services: {a: {${sound}, networks: {n: {aliases: [b]}}}, b: {${sound}, networks: [n]}}\nnetworks: {n: }`,
    ],
    ['COMPOSE-304', `services: {a: {${sound}, container_name: c1}, b: {${sound}, container_name: c1}}`],
    ['COMPOSE-305', `services: {a: {${sound}, scale: 2, ports: ["80:80"]}}`],
    [
      'COMPOSE-306',
      `services: {a: {${sound}, volumes: ["v:/v", "w:/w"]}}\nvolumes: {v: {name: n}, w: {name: n}}`,
    ],
    ['COMPOSE-401', `services: {a: {${sound.replace(digest, ':1')}}}`],
    ['COMPOSE-402', `services: {a: {${sound.replace(digest, ':latest')}, build: .}}`],
    ['COMPOSE-403', `services: {a: {${sound.replace(/^[^,]*, /, '')}}}`],
    [
      'COMPOSE-404',
      `services: {a: {${sound}, build: {context: ., additional_contexts: {b: "service:b"}}}, b: {${sound}}}`,
    ],
    ['COMPOSE-504', `services: {a: {${sound}, volumes: ["/srv:srv"]}}`],
    ['COMPOSE-506', `services: {a: {${sound}, volumes: ["/var/run/docker.sock:/s"]}}`],
    ['COMPOSE-507', `services: {a: {${sound}, env_file: absent.env}}`],
    ['COMPOSE-509', `services: {a: {${sound}, volumes: [/data]}}`],
    ['COMPOSE-510', `services: {a: {${sound}, volumes: ["./data:/data"]}}`],
    ['COMPOSE-601', `services: {a: {${sound.replace('64m', '1m')}}}`],
    ['COMPOSE-602', `services: {a: {${sound}, cpus: 0}}`],
    ['COMPOSE-603', `services: {a: {${sound}, tmpfs: /run}}`],
    ['COMPOSE-604', `services: {a: {${sound.replace('mem_limit: 64m, ', '')}}}`],
    ['COMPOSE-605', `services: {a: {${sound.replace('max-size', 'max-file')}}}`],
    ['COMPOSE-607', `services: {a: {${sound}, mem_reservation: 65m}}`],
    ['COMPOSE-701', `services: {a: {${sound}, privileged: true}}`],
    ['COMPOSE-804', `services: {a: {${sound}, stop_grace_period: banana}}`],
  ];

  it.each(breaches)('find a breach of %s', (code, text) => {
    expect(report(text).faults).toEqual([]);
    expect(broken(text).map((line) => line.split(' ')[0])).toContain(code);
  });

  it('name each file that Compose reads and that is not there, unless it need not be, it is the host’s, or a variable says which', () => {
    const text = [
      `services:\n  a:\n    ${sound.replaceAll(', ', '\n    ').replace('{driver: local\n    options', '{driver: local, options')}`,
      '    env_file: [absent.env, there.env, {path: may.env, required: false}, "${WHICH}.env", /etc/app.env]',
      '    label_file: absent.labels',
      '    configs: [c, host]\n    secrets: [s, there, key]',
      'configs: {c: {file: ./c.conf}, host: {file: /etc/app.conf}}',
      'secrets: {s: {file: s.txt}, there: {file: ./there.env}, key: {file: /run/keys/x}}\n',
    ].join('\n');
    const files: Readonly<Record<string, string>> = {
      'compose.yaml': text,
      'there.env': '',
      './there.env': '',
    };
    const { faults, breaches } = reportOnFiles(['compose.yaml'], (path) => files[path]).report;
    expect(faults).toEqual([]);
    expect(
      breaches.map(({ code, line, path, message }) => `${code} ${line ?? '-'} ${path} ${message}`),
    ).toEqual([
      'COMPOSE-507 10 configs/c its file is not there',
      'COMPOSE-507 11 secrets/s its file is not there',
      'COMPOSE-507 2 services/a the file absent.env, which Compose reads for it, is not there',
      'COMPOSE-507 2 services/a the file absent.labels, which Compose reads for it, is not there',
    ]);
  });

  it('are asked, every one, or listed with the reason why they cannot be', () => {
    const found = new Set(breaches.map(([code]) => code));
    const asked = rules.map(({ code }) => code).filter((code) => !notApplied.has(code));
    expect(asked.filter((code) => !found.has(code))).toEqual([]);
  });

  it('are asked of a service by any name', () => {
    const text = `services: {constructor: {${sound.replace('64m', '1m')}}, __proto__: {${sound}}}`;
    expect(broken(text)).toEqual(['COMPOSE-601 1 services/constructor its memory limit is 1m']);
  });

  it('name the place, in the file that a person wrote', () => {
    expect(broken(`services:\n  app:\n    {${sound.replace('64m', '1m')}}\n`)).toEqual([
      'COMPOSE-601 2 services/app its memory limit is 1m',
    ]);
  });

  it('take a variable with a fallback for the fallback, and a limit in a variable for one', () => {
    const text = `services: {a: {${sound.replace('64m', '"${M:-1m}"')}}}`;
    expect(broken(text).map((line) => line.split(' ')[0])).toEqual(['COMPOSE-601']);
    expect(broken(`services: {a: {${sound.replace('64m', '"${M:?}"')}}}`)).toEqual([]);
  });

  it('name the place of a variable that is none, and show nothing of the text around it', () => {
    const text = `services: {a: {${sound}, command: [x, "hush \${B hush"]}}\nx-a: {b: "hush \${}"}`;
    const reason =
      'holds a ${ that begins no variable: Compose reads ${NAME}, ${NAME:-fallback} and the like on one line, and $${ for the text itself';
    expect(broken(text)).toEqual([
      `COMPOSE-804 1 services/a command/1 ${reason}`,
      expect.stringMatching(/^COMPOSE-804 \S+ {2}x-a\/b holds a \$\{ that begins no variable: /),
    ]);
  });

  it.each([
    ['next to each other', '${A:-x}'.repeat(100_000)],
    ['in each other', `${'${A:-'.repeat(100_000)}${'}'.repeat(100_000)}`],
    ['with braces that nothing closes', `${'${A:-{'.repeat(100_000)}${'}'.repeat(100_000)}`],
  ])('take a hundred thousand variables %s', (_how, text) => {
    expect(broken(`services: {a: {${sound}, command: ["${text}"]}}`)).toEqual([]);
  });

  it('that cannot be asked are listed with the reason, and are rules of the table', () => {
    const codes = new Set<string>(rules.map(({ code }) => code));
    expect([...notApplied.keys()].filter((code) => !codes.has(code))).toEqual([]);
    expect(report('services: {a: {image: x}}').notApplied).toHaveLength(notApplied.size);
  });
});

describe('what constructs could not write', () => {
  it.each([
    ['an extension field', 'x-a: 1', 'x-a'],
    ['a key that only raw writes', 'services: {a: {image: x, links: [b]}}', 'services/a/links'],
    ['a variable without a message', 'services: {a: {image: x, command: ["$A"]}}', 'services/a/command/0'],
    ['a nested variable', 'services: {a: {image: x, command: ["${A:-${B:-c}}"]}}', 'services/a/command/0'],
    ['a variable for a number', 'services: {a: {image: x, cpus: "${A:-1}"}}', 'services/a/cpus'],
  ])('is %s', (_what, text, path) => {
    expect(otherwise(text).map((line) => line.split(' ')[0])).toEqual([path]);
  });

  it('is not a short form, an escaped sign, nor a variable that constructs have', () => {
    expect(
      otherwise(
        'services: {a: {image: x, command: "a $$b", entrypoint: ["costs 5$", "echo $(date)"], environment: {A: "${A:?set it}/${B:-c}", B: }, ports: ["80:80"], depends_on: [b]}}',
      ),
    ).toEqual([]);
  });

  it('is every key in the list of those, and finds each of them in the corpus', () => {
    const paths = schemaPaths();
    expect(rawOnly.filter(({ key }) => !paths.has(key))).toEqual([]);
    const everyKey = corpusCases.find(({ name }) => name === 'every-key')!;
    const { report: found } = reportOnFiles(everyKey.files, corpusFiles(everyKey));
    const whys = new Set(found.inexpressible.map(({ why }) => why));
    // Reading answers the other two: nothing is left of them.
    const readAway = ['version', 'services.*.extends'];
    expect(rawOnly.filter(({ key, why }) => !readAway.includes(key) && !whys.has(why))).toEqual([]);
  });
});

describe('files with faults', () => {
  it('are told those alone', () => {
    expect(report('services: {a: {imgae: x}}\nx-a: 1')).toMatchObject({
      faults: [{ code: 'COMPOSE-903', line: 1, path: 'services/a/imgae' }],
      breaches: [],
      inexpressible: [],
    });
  });
});
