import { provisionFiles } from '../../../../services/database/provision';
import { DatabaseServer } from './database-server';

interface Point {
  readonly path: string;
  /** Line after which the run is killed: the end of a statement. */
  readonly line: number;
}

/** After every statement that changes something, in the order of a run; what only defines a view or a function does not. */
const points: readonly Point[] = [
  'roles.sql',
  'databases.sql',
  'database.sql',
  'marker.sql',
  'password.sql',
].flatMap((path) => {
  const { content } = provisionFiles().find((each) => each.path === path)!;
  return content
    .split('\n')
    .flatMap((text, line) =>
      /(\\gexec|^(BEGIN|COMMIT);|^\\password.*|^\\getenv role.*)$/.test(text) ||
      (path === 'marker.sql' && text.endsWith(';'))
        ? [{ path, line }]
        : [],
    );
});

/** Kills psql and the shell that runs it, as a container's end does, without a moment's notice. */
const killedAt =
  (point: Point) =>
  (path: string, content: string): string =>
    path === point.path
      ? content
          .split('\n')
          .toSpliced(point.line + 1, 0, '\\! kill -KILL 0')
          .join('\n')
      : content;

describe('db-provision, killed', () => {
  let server: DatabaseServer;
  let whole: string;

  beforeAll(async () => {
    server = await DatabaseServer.start();
    expect(await server.provision()).toMatchObject({ code: 0 });
    whole = await server.state();
    await server.reset();
  }, 900_000);
  afterAll(() => server.remove(), 60_000);

  // Each run finds what the one before left, so that every statement is reached with work to do: what was not committed
  // is to be done again.
  it('after every statement in turn, comes to the same end as a run that nobody disturbed', async () => {
    expect(points.length).toBeGreaterThan(40);
    for (const point of points) {
      const { code } = await server.provision({ edit: killedAt(point) });
      // The files of a step that has nothing left to do are run all the same: no point is passed by but the passwords'.
      if (point.path !== 'password.sql') expect({ ...point, code }).not.toMatchObject({ code: 0 });
    }
    expect(await server.provision()).toMatchObject({ code: 0, stderr: '' });
    expect(await server.provision()).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await server.state()).toBe(whole);
  }, 580_000);
});
