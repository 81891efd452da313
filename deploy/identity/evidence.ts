import { reportCommand, reportScript, sectionsOf } from '../host/report';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';
import { markerFile, parseMarker, type HostMarker } from './host-marker';
import { askData, askDisk } from './questions';

/** What a host says of itself that another machine, another disk or other data would not say. */
export interface Evidence {
  /** Changes with each boot. */
  readonly boot: string | undefined;
  /** Generation of the disk, 64 hex digits. */
  readonly disk: string | undefined;
  /** `none` where no deploy has marked it, `unreadable` where there is something else in its place. */
  readonly marker: HostMarker | 'none' | 'unreadable';
  /** Id of the release that is recorded as serving. */
  readonly release: string | undefined;
  readonly data: DataEvidence;
}

/** `silent`: the database did not say; `why` is the last thing that it or Docker said. */
export type DataEvidence =
  | { readonly state: 'marked'; readonly id: string }
  | { readonly state: 'unmarked' }
  | { readonly state: 'silent'; readonly why: string };

/** The sections of the evidence but the data's. */
export const evidenceSections = `section boot; cat /proc/sys/kernel/random/boot_id
section disk; ${askDisk}
section marker; cat ${markerFile} 2>/dev/null
section release; basename "$(readlink ${layout.deploy.current} 2>/dev/null)" .json 2>/dev/null
`;

/** @param seconds that the database has to answer */
export const dataSection = (seconds: number): string =>
  `section data; ${askData(seconds)} || echo "exit $?"\n`;

/**
 * The question of `./cogni host check`: how far the bootstrap is, and the evidence. One shell that only reads, every
 * word of it fixed, for the deploy user.
 */
export const evidenceCommand: RemoteCommand = {
  argv: reportCommand.argv,
  stdin: `${reportScript}${evidenceSections}${dataSection(15)}`,
  deadline: 40_000,
};

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads what {@link evidenceCommand} printed; whatever is missing is not known. */
export function parseEvidence(stdout: string): Evidence {
  const sections = sectionsOf(stdout);
  const line = (name: string, form: RegExp): string | undefined => {
    const text = (sections.get(name) ?? '').trim();
    return form.test(text) ? text : undefined;
  };
  const marker = (sections.get('marker') ?? '').trim();
  return {
    boot: line('boot', uuidPattern),
    disk: line('disk', /^[0-9a-f]{64}$/),
    marker: marker === '' ? 'none' : (parseMarker(marker) ?? 'unreadable'),
    release: line('release', /^\S+$/),
    data: dataIn((sections.get('data') ?? '').trim()),
  };
}

function dataIn(text: string): DataEvidence {
  if (uuidPattern.test(text)) return { state: 'marked', id: text };
  if (text === 'none') return { state: 'unmarked' };
  const lines = text.split('\n').filter((each) => each !== '');
  const why = lines.at(-1) === 'exit 124' ? 'no answer in time' : (lines.at(-2) ?? lines.at(-1));
  // From outside: one line, no control characters.
  return { state: 'silent', why: (why ?? 'nothing was said').replace(/\p{C}+/gu, ' ').slice(0, 200) };
}
