import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import type * as Yaml from 'js-yaml';
import { manyServices } from './bench-compose-services';

/**
 * One writer, one amount, one process: makes the document, and prints what that took as JSON. Loading the writer's code is not
 * counted: the caller measures whole processes too.
 *
 * Usage: `bench-compose-subject.js compose <services>`, `… js-yaml <document>`, `… cdk8s <document> <installation>`
 */
type Entry = Readonly<Record<string, unknown>>;
type Section = Readonly<Record<string, Entry>>;
type Document = Readonly<Record<'services' | 'networks' | 'volumes' | 'configs', Section>> & {
  readonly name: string;
};

/** The part of cdk8s that is used: it is not among the packages of this project. */
interface Cdk8s {
  readonly App: new () => { synthYaml(): string };
  readonly Chart: new (scope: unknown, id: string) => unknown;
  readonly ApiObject: new (scope: unknown, id: string, props: Entry) => unknown;
}
/** Without its dependencies between objects: it follows every path through them, and these services have more than can be counted. */
function withCdk8s({ App, Chart, ApiObject }: Cdk8s, document: Document): string {
  const app = new App();
  const chart = new Chart(app, 'many');
  for (const section of ['services', 'networks', 'volumes', 'configs'] as const) {
    for (const [name, spec] of Object.entries(document[section])) {
      new ApiObject(chart, `${section}-${name}`, { apiVersion: 'v1', kind: section, spec });
    }
  }
  return app.synthYaml();
}

function writerOf(writer: string, given: string, installation: string): () => string {
  if (writer === 'compose') {
    const { synthesize } = createRequire(__filename)('../compose') as typeof import('../compose');
    return () => synthesize(manyServices(Number(given)))[0]!.content;
  }
  const document = JSON.parse(readFileSync(given, 'utf8')) as Document;
  if (writer === 'cdk8s') {
    const cdk8s = createRequire(join(resolve(installation), 'package.json'))('cdk8s') as Cdk8s;
    return () => withCdk8s(cdk8s, document);
  }
  const yaml = createRequire(__filename)('js-yaml') as typeof Yaml;
  // Without its search for repeated objects, which compares each with all: the quickest that js-yaml can be.
  return () => yaml.dump(document, { noRefs: true, lineWidth: -1 });
}

const [writer = '', given = '', installation = ''] = process.argv.slice(2);
const write = writerOf(writer, given, installation);
const [started, before] = [performance.now(), process.cpuUsage()];
const written = write();
const milliseconds = performance.now() - started;
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  JSON.stringify({
    milliseconds,
    processor: (user + system) / 1000,
    bytes: Buffer.byteLength(written),
    // Kibibytes, as the operating system accounts for the process (getrusage(2), "ru_maxrss").
    peak: process.resourceUsage().maxRSS,
  }),
);
