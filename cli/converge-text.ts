import type { ConvergeResult } from '../deploy/host/converge';

/** What converging found and did, for a person. */
export function convergeText(environment: string, result: ConvergeResult, dryRun: boolean): string {
  const acts = result.findings.filter(({ verdict }) => verdict === 'acts');
  const head =
    acts.length === 0
      ? `${environment} is what is rendered today: no phase has anything to do`
      : dryRun
        ? `${environment}: ${acts.length} of ${result.findings.length} phases would act; nothing was changed`
        : `${environment} was brought to what is rendered today`;
  return [
    head,
    ...result.findings
      .filter(({ verdict }) => verdict !== 'ok')
      .map(({ phase, verdict, what }) => `  ${phase.padEnd(12)} ${verdict.padEnd(8)} ${what}`),
    ...(result.edgeDiffers.length === 0
      ? []
      : [
          `The edge runs with other files than are rendered today (${result.edgeDiffers.join(', ')}).`,
          `It was left alone, since every change of it costs requests: ./cogni edge apply ${environment} makes it.`,
        ]),
  ].join('\n');
}
