import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planImageRelease } from '../../../../deploy/image-release/plan';
import { runnerRelease } from '../../../../deploy/image-release/runner';
import type { RemoteCommand } from '../../../../deploy/transport';
import { run, type Output } from '../../../../foundation/process';

/** The first command of a step of a release of this image, as the release runs it. */
export function commandOf(step: string, image: string): RemoteCommand['argv'] {
  const [repository = '', tag = ''] = image.split(/:(?=sc)/);
  const { steps } = planImageRelease(
    runnerRelease({
      repository,
      tag,
      context: '/checkout',
      base: 'base',
      buildBase: 'base',
      sourcecred: '0.11.2',
      again: 'again',
    }),
  );
  const [action] = steps.find(({ id }) => id === step)?.actions ?? [];
  if (action?.do !== 'run') throw new Error(`no step ${step} runs something`);
  return action.command.argv;
}

/** Notes how it was called, says what it is told and ends as it is told. */
const script = `#!/bin/sh
printf '%s\\n' "$@" > "$CALLED"
printf '%s\\n' "$SAYS" >&2
exit "$CODE"
`;

/** A program `docker` that plays docker, in a folder of its own. */
export class PlayedDocker {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cogni-docker-'));
  /** File with the words that it was called with last, a line each. */
  readonly called = join(this.folder, 'called');

  constructor() {
    writeFileSync(join(this.folder, 'docker'), script, { mode: 0o755 });
  }

  /** Runs a command to which docker says and ends with this. */
  answers(argv: RemoteCommand['argv'], says: string, code: number): Promise<Output> {
    return run({
      argv,
      env: { PATH: `${this.folder}:/usr/bin:/bin`, CALLED: this.called, SAYS: says, CODE: String(code) },
      deadline: 8_000,
    });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
