import { synthesize } from '../../../compose';
import { databaseRelease } from '../../../deploy/image-release/database';
import { planImageRelease } from '../../../deploy/image-release/plan';
import { runnerRelease } from '../../../deploy/image-release/runner';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensurePackages } from '../../../sandbox/packages';
import { runtimeProject } from '../../../services';
import { receiverProject } from '../../../services/receiver/receiver';
import { archive } from '../../unit/services/archive/archive';
import { receiver } from '../../unit/services/archive/receiver';
import { everything, receiverProps, runtimeProps } from '../../unit/services/everything';

/** Every script that a host may get, by its path without the hash of its folder. */
const scripts = [
  ...everything(),
  runtimeProject({ images: runtimeProps.images }),
  runtimeProject({
    ...runtimeProps,
    archive: { ...archive, receiver: { ...receiver, synchronous: 'while-there' } },
  }),
  receiverProject(receiverProps),
].flatMap((project) =>
  synthesize(project)
    .filter(({ path }) => path.endsWith('.sh'))
    .map(({ path, content }) => [path.replace(/\/[0-9a-f]{8,}\//, '/'), content] as const),
);

const build = { tag: '1', context: '/checkout/image', base: 'base', again: './cogni sourcecred release' };
const releases = [
  runnerRelease({ ...build, repository: 'ghcr.test/runner', buildBase: 'base', sourcecred: '0.11.2' }),
  databaseRelease({ ...build, repository: 'ghcr.test/database', postgres: '15', pgbackrest: '2.45' }),
];

/** Of the machine that releases an image of ours, and of the container that it is tried in. */
const releaseScripts = [
  ...new Set(
    releases
      .flatMap((release) => planImageRelease(release).steps)
      .flatMap(({ actions }) => actions)
      .flatMap((action) => (action.do === 'run' ? [action.command.argv] : []))
      .flatMap((argv) => argv.filter((_word, at) => argv[at - 2] === 'sh' && argv[at - 1] === '-c')),
  ),
];

const shellcheck = (content: string): Promise<Output> =>
  run({ argv: ['shellcheck', '-'], stdin: content, deadline: 60_000 });

describe('the scripts that reach a host', () => {
  beforeAll(async () => {
    const why = 'checks the scripts that reach a host';
    await ensurePackages([{ program: 'shellcheck', package: 'shellcheck', why }], silent);
  }, 900_000);

  it('are those of the database, of its backups, of its copies, and of whoever receives its log', () => {
    expect(new Set(scripts.map(([path]) => path))).toEqual(
      new Set([
        ...['copies/copies.sh', 'db-provision/provision.sh'],
        ...['postgres/backup.sh', 'postgres/checkpoint.sh', 'postgres/start.sh'],
        ...['postgres/synchronous.sh', 'files/receiver.sh'],
      ]),
    );
  });

  it.each(scripts)('have nothing that shellcheck minds: %s', async (_path, content) => {
    expect(await shellcheck(content)).toMatchObject({ code: 0, stdout: '' });
  });

  it('are those of the login, of the tag and of the database’s trial, where they are part of a command: the release of an image', () => {
    expect(releaseScripts).toEqual([
      expect.stringContaining('docker login'),
      expect.stringContaining('docker pull'),
      expect.stringContaining('pgbackrest version'),
    ]);
  });

  it.each(releaseScripts.map((script, index) => [index + 1, script] as const))(
    'have nothing that shellcheck minds where they are part of a command: no. %i of the release of an image',
    async (_index, script) => {
      expect(await shellcheck(`#!/bin/sh\n${script}`)).toMatchObject({ code: 0, stdout: '' });
    },
  );

  it('are minded as soon as there is something', async () => {
    const [[, content] = ['', '']] = scripts;
    expect((await shellcheck(`${content}\nrm $unquoted\n`)).code).not.toBe(0);
  });
});
