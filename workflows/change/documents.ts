import { topicOf, topics } from './topics';

/** Two commits, and what lies between them, as git tells it. */
export interface Change {
  /** Full SHAs. */
  readonly base: string;
  readonly head: string;
  /** Every path that was added, changed or removed since both parted; a file that was moved is two. */
  readonly paths: readonly string[];
  /** What the commits between say of pages: the values of their trailers `No-document`. */
  readonly trailers: readonly { readonly commit: string; readonly value: string }[];
}

/** What a change has done with the page of one topic. */
export interface TopicReport {
  readonly topic: string;
  /** Paths of the topic that were changed. */
  readonly changed: readonly string[];
  /** Its pages; one of them is enough. */
  readonly documents: readonly string[];
  readonly outcome:
    | { readonly kind: 'documented'; readonly by: readonly string[] }
    | { readonly kind: 'excused'; readonly commit: string; readonly why: string }
    | { readonly kind: 'missing' };
}

export interface DocumentsReport {
  readonly topics: readonly TopicReport[];
  /** Trailers that excuse nothing: a topic that there is not, or no reason. History is not rewritten for one. */
  readonly notes: readonly string[];
}

/** The trailer by which a commit says that a page need not change, and why. */
export const trailerName = 'No-document';

/** Whether a change to deployment behaviour changes its page too: a pure function. */
export function judgeDocuments({ paths, trailers }: Pick<Change, 'paths' | 'trailers'>): DocumentsReport {
  const read = trailers.map(({ commit, value }) => ({ commit, value, ...excuseIn(value) }));
  const reports = topics.flatMap((topic): TopicReport[] => {
    const changed = paths.filter((path) => topicOf(path) === topic);
    if (changed.length === 0) return [];
    const by = topic.documents.filter((document) => paths.includes(document));
    const excuse = read.find((each) => each.topic === topic.name && each.why !== undefined);
    return [
      {
        topic: topic.name,
        changed,
        documents: topic.documents,
        outcome:
          by.length > 0
            ? { kind: 'documented', by }
            : excuse?.why
              ? { kind: 'excused', commit: excuse.commit, why: excuse.why }
              : { kind: 'missing' },
      },
    ];
  });
  return {
    topics: reports,
    notes: read.flatMap(({ commit, value, topic, why }) => {
      const said = `${commit.slice(0, 12)} says "${trailerName}: ${printable(value)}"`;
      if (topic === undefined)
        return [`${said}, which names none of ${topics.map(({ name }) => name).join(', ')}`];
      return why === undefined ? [`${said} without a reason: ${trailerName}: ${topic}: <why>`] : [];
    }),
  };
}

/** `edge: only a name inside a function` */
function excuseIn(value: string): { readonly topic?: string; readonly why?: string } {
  const [, name, why = ''] = /^([\w-]+)\s*(?::\s*(.*))?$/s.exec(printable(value)) ?? [];
  const topic = topics.find((each) => each.name === name)?.name;
  return {
    ...(topic === undefined ? {} : { topic }),
    // A word is no reason.
    ...(why.trim().split(/\s+/).length > 1 ? { why: why.trim() } : {}),
  };
}

/** Commit messages are written by others: on one line, and without signs that move the cursor or hide others. */
export const printable = (text: string): string =>
  text
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, 200);

/** A line for each topic. */
export function documentsText({ topics: reports, notes }: DocumentsReport): string {
  if (reports.length + notes.length === 0) return 'nothing that a page tells has changed';
  return [...reports.map(topicText), ...notes].join('\n');
}

export function topicText({ topic, changed, documents, outcome }: TopicReport): string {
  const files = `${topic}: ${changed.length} ${changed.length === 1 ? 'file' : 'files'} changed`;
  switch (outcome.kind) {
    case 'documented':
      return `${files}, and with them ${outcome.by.join(', ')}`;
    case 'excused':
      return `${files}; no document is concerned, says ${outcome.commit.slice(0, 12)}: ${outcome.why}`;
    case 'missing':
      return `${files} (${changed.slice(0, 3).map(printable).join(', ')}${changed.length > 3 ? ', …' : ''}), and none of ${documents.join(', ')}`;
  }
}
