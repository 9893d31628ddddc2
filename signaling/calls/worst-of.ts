import type { CallLeg } from '../../proto/gen/types.ts';
import type { EndReason } from './leg.ts';

/** What says the most of why nobody answered, before what says less. */
const order: readonly EndReason[] = ['declined', 'busy', 'no-answer', 'forbidden', 'failed', 'unreachable', 'canceled'];

/** Of several who did not answer: undefined where there is none. */
export function worstOf(reasons: readonly CallLeg['endReason'][]): EndReason | undefined {
  return order.find((reason) => reasons.includes(reason));
}
