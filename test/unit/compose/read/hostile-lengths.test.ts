import { renderCanonically } from '../../../../compose/read/canonical';
import { reportOnFiles } from '../../../../compose/read/read-report';
import { betweenColons } from '../../../../compose/rules/entry';
import { portsOf, TakenPorts } from '../../../../compose/rules/ports';

/** What takes more steps than the text has signs does not come to an end here: the limit of the test run finds it. */
const length = 20_000;

const read = (text: string): ReturnType<typeof reportOnFiles> =>
  reportOnFiles(['compose.yaml'], (path) => (path === 'compose.yaml' ? text : undefined));

/** A file that has this text wherever a rule or the reader looks into a text. */
const everywhere = (text: string): string =>
  JSON.stringify({
    services: {
      app: {
        image: text,
        command: text,
        ports: [text, { target: 80, published: text, host_ip: text, protocol: text }],
        volumes: [text, `./${text}:/x`, { type: 'bind', source: text, target: text }],
        environment: [text],
        env_file: [text],
        devices: [text],
        tmpfs: [text],
        mem_limit: text,
        logging: { driver: text, options: { 'max-size': text } },
        healthcheck: { test: text, interval: text },
        networks: { default: { aliases: [text] } },
        build: { context: text, additional_contexts: [text] },
        security_opt: [text],
        user: text,
      },
    },
    volumes: { data: { driver_opts: { type: text, o: text, device: text } } },
  });

describe('a compose file with texts of any length', () => {
  it.each([
    ...[':', '$', '${', '}', '{', '${A:-', '${A', '$A', '}:', '$$', '.', '/', '../', '-', '1', '1.', '1m'],
    ...['1-', '=', ' ', '\\', '@', 'a', '#', ',', '\n', '8:'],
  ])('is read, judged and written in steps that grow with it alone: %j again and again', (unit) => {
    const { project, report } = read(everywhere(unit.repeat(length / unit.length)));
    expect(report.faults).toEqual([]);
    expect(report.breaches).not.toEqual([]);
    expect(Object.keys(renderCanonically(project))).toEqual(['text']);
  });

  it('has its entries parted by the colons outside of variables', () => {
    expect(betweenColons('a:${B:-c:d}:e')).toEqual(['a', '${B:-c:d}', 'e']);
    expect(betweenColons('a:{b:${C:?d}:')).toEqual(['a', '{b', '${C:?d}', '']);
    expect(betweenColons('a:}')).toEqual(['a:}']);
    expect(betweenColons('')).toEqual(['']);
    expect(betweenColons(`${':'.repeat(2_000_000)}}`)).toHaveLength(1);
    expect(betweenColons(`${':'.repeat(2_000_000)}{}`)).toHaveLength(2_000_001);
  });
});

describe('a compose file with entries of any number', () => {
  const many = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('');

  it('may have services that extend each other, a hundred in a row', () => {
    const chain = (count: number): string =>
      `services:\n  s0: {image: a}\n${many(count, (index) => `  s${index + 1}: {extends: s${index}}\n`)}`;
    expect(read(chain(100)).report.faults).toEqual([]);
    const { faults } = read(chain(1_000)).report;
    expect(faults[0]).toMatchObject({
      code: 'COMPOSE-905',
      line: 3,
      message: 'is extended through more than 100 services',
    });
  });

  it('may reset as many keys as it likes', () => {
    const reset = `services:\n  a:\n    image: x\n    labels:\n${many(50_000, (index) => `      k${index}: !reset\n`)}`;
    expect(read(reset).report.faults).toEqual([]);
  });

  it('may publish every port of the host at as many addresses', () => {
    const text = `services:\n${many(500, (index) => `  s${index}: {image: a, ports: ["127.0.${index >> 8}.${index & 255}:1-65535:1-65535"]}\n`)}`;
    expect(read(text).report.breaches.filter(({ code }) => code === 'COMPOSE-301')).toEqual([]);
  });

  it('is told once of each port that is taken already, however many want it', () => {
    const text = `services:\n${many(2_000, (index) => `  s${index}: {image: a, ports: ["443:443"]}\n`)}`;
    expect(read(text).report.breaches.filter(({ code }) => code === 'COMPOSE-301')).toHaveLength(1_999);
  });
});

describe('ports that are taken', () => {
  const publish = (...entries: readonly string[]): readonly string[] => {
    const taken = new TakenPorts<string>();
    return entries.flatMap((entry) =>
      portsOf({ ports: [entry] }).flatMap((port) => taken.take(port, entry).map((by) => `${entry} <- ${by}`)),
    );
  };

  it('are those of a range, and those that a range would take', () => {
    expect(
      publish('8000-8010:80', '8005:80', '8011:80', '8010-8020:80', '8021:80/udp', '8019-8030:80'),
    ).toEqual([
      '8005:80 <- 8000-8010:80',
      '8010-8020:80 <- 8000-8010:80',
      '8010-8020:80 <- 8011:80',
      '8019-8030:80 <- 8010-8020:80',
    ]);
  });

  it('are told in the order in which they were taken', () => {
    expect(publish('127.0.0.1:80:80', '127.0.0.2:79-81:80', '127.0.0.3:80:80', '80:80')).toEqual([
      '80:80 <- 127.0.0.1:80:80',
      '80:80 <- 127.0.0.2:79-81:80',
      '80:80 <- 127.0.0.3:80:80',
    ]);
  });

  it('are those of one variable, and of what counts where it is not there', () => {
    expect(publish('${P:-80}:80', '${P:-81}:80', '80:80', '${Q}:80')).toEqual([
      '${P:-81}:80 <- ${P:-80}:80',
      '80:80 <- ${P:-80}:80',
    ]);
  });
});
