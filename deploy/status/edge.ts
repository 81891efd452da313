import { Failure } from '../../foundation/failure';
import { applyCommand, type EdgeRequest } from '../edge/request';
import { differenceOf, isUnansweredByCaddy, surveyEdge } from '../edge/survey';
import type { Transport } from '../transport';

/**
 * What of an edge is not what this checkout renders, one sentence each. Deploys never change it, so a difference stays
 * until somebody applies it. Changes nothing.
 */
export async function edgeFindings(transport: Transport, request: EdgeRequest): Promise<readonly string[]> {
  try {
    const facts = await surveyEdge(transport, request);
    // That it does not run is told as such.
    if (!facts.running) return [];
    const { compose, caddyfile, container, loaded } = differenceOf(request, facts);
    const what = [
      ...(compose ? ['its compose.yaml'] : []),
      ...(caddyfile ? ['its Caddyfile'] : []),
      ...(container ? ['what its container is made from'] : []),
    ];
    const apply = applyCommand(request);
    return [
      ...(what.length === 0
        ? []
        : [`the edge is not as rendered (${what.join(', ')}): ${apply} --dry-run says what a change costs`]),
      ...(isUnansweredByCaddy(facts)
        ? [
            `whether the edge serves what its Caddyfile says is not known, since Caddy did not answer or does not take that file: ./cogni logs ${request.environment} edge`,
          ]
        : loaded
          ? [`the edge serves something else than its Caddyfile says: ${apply}`]
          : []),
    ];
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return [`whether the edge is as rendered is not known: ${thrown.what}`];
  }
}
