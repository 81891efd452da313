import type { Review } from '../review';
import { withoutKeys } from '../plan';
import type { Severity } from '../verdict';
import { severityOf } from '../verdict';
import { mermaidLabel } from './escape';

/** More is no picture any longer. */
const mostNodes = 40;

const colours: Readonly<Record<Severity, string>> = {
  destructive: 'fill:#ffd7d5,stroke:#cf222e,color:#1f2328',
  'needs-review': 'fill:#fff8c5,stroke:#9a6700,color:#1f2328',
  safe: 'fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
  nothing: 'fill:#f6f8fa,stroke:#59636e,color:#1f2328',
};

/**
 * What a change touches: the resources that change, worst first, and those that refer to them. An empty text where there
 * is nothing to draw.
 */
export function mermaidPicture(review: Review): string {
  if (review.changes.length === 0) return '';
  const nodes = new Map<
    string,
    { readonly id: string; readonly label: string; readonly severity: Severity }
  >();
  const add = (address: string, label: string, severity: Severity): void => {
    if (nodes.has(address) || nodes.size >= mostNodes) return;
    nodes.set(address, { id: `n${nodes.size}`, label, severity });
  };
  for (const { address, verdict } of review.changes)
    add(withoutKeys(address), `${verdict}: ${withoutKeys(address)}`, severityOf(verdict));
  for (const [, to] of review.touches) add(to, to, 'nothing');
  const arrows = review.touches.flatMap(([from, to]) => {
    const [source, target] = [nodes.get(from), nodes.get(to)];
    return source && target ? [`  ${source.id} --> ${target.id}`] : [];
  });
  const shown = [...nodes.values()];
  return [
    'flowchart LR',
    ...shown.map(({ id, label, severity }) => `  ${id}[${mermaidLabel(label)}]:::${classOf(severity)}`),
    ...arrows,
    ...[...new Set(shown.map(({ severity }) => severity))].map(
      (severity) => `  classDef ${classOf(severity)} ${colours[severity]}`,
    ),
  ].join('\n');
}

const classOf = (severity: Severity): string => severity.replaceAll('-', '');
