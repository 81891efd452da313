import { checkText } from '../deploy/host/check';
import type { IdentityReport, Read, StateServer } from '../recovery/identity/look';

/** What `./cogni host check` prints. */
export function identityText(report: IdentityReport): string {
  const { environment, host, verdict, findings, state } = report;
  const { api, others } = report.case;
  return [
    ...(host === undefined ? [`${environment}, at an address that is not known`] : [checkText(host)]),
    `  state      ${stateText(state)}`,
    `  inventory  ${api}`,
    `  beside it  ${others}`,
    ...evidenceLines(report),
    `  verdict    ${verdict.id} (${verdict.sure}): ${verdict.means}`,
    ...findings.map((finding) => `             - ${finding}`),
    `  next       ${verdict.next}`,
  ].join('\n');
}

function stateText(state: Read<StateServer>): string {
  if ('trouble' in state) return 'not read';
  if ('notUsed' in state) return 'not used: the host exists by itself';
  return state.value === null
    ? 'empty'
    : `server ${state.value.id} at ${state.value.address ?? 'no address'}`;
}

function evidenceLines({ host }: IdentityReport): readonly string[] {
  const { marker, data } = host?.evidence ?? {};
  if (marker === undefined || data === undefined) return [];
  const marked =
    typeof marker === 'string' ? marker : `deployment ${marker.deployment}, since ${marker.written}`;
  const held = { marked: 'id' in data ? data.id : '', unmarked: 'without a marker', silent: 'not known' }[
    data.state
  ];
  return [`  disk       ${marked}`, `  data       ${held}`];
}
