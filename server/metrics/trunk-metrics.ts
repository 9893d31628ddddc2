import { failureCauses } from '../../sip/trunks/call-counts.ts';
import type { TrunkState } from '../../sip/trunks/trunks.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export interface TrunkStats {
  readonly trunks: readonly TrunkState[];
}

/** By the names of trunks: an operator gave them, in a plan that has 500 at most. */
export const trunkMetrics: readonly PulledMetric<TrunkStats>[] = [
  ofTrunks('calls', 'Calls by each trunk, of both ways.', ({ calls }) => calls),
  ofTrunks('incoming_calls_total', 'Calls that came by each trunk.', ({ counts }) => counts.incoming),
  ofTrunks(
    'outgoing_calls_total',
    'Calls that were tried by each trunk, once for each target.',
    (trunk) => trunk.counts.outgoing,
  ),
  ofTrunks(
    'answered_calls_total',
    'Calls by each trunk that were answered, of both ways.',
    ({ counts }) => counts.answered,
  ),
  ofTrunks('failed_calls_total', 'Calls by each trunk that came to nothing, for whichever cause.', ({ counts }) =>
    failureCauses.reduce((sum, cause) => sum + counts.failed[cause], 0),
  ),
  {
    name: 'trunk_failures_total',
    help: 'Why calls by trunks came to nothing; `limit`: those of the trunk.',
    label: 'cause',
    read: ({ trunks }) =>
      Object.fromEntries(
        failureCauses.map((cause) => [cause, trunks.reduce((sum, { counts }) => sum + counts.failed[cause], 0)]),
      ),
  },
  ofTrunks('minutes_today', 'Minutes that were counted of each trunk since its day began.', ({ minutes }) => minutes),
  ofTrunks('spend_today', 'Money that each trunk has cost since its day began.', ({ micros }) => micros / 1_000_000),
  ofTrunks('closed', '1 while a trunk is closed, since it looked like fraud.', ({ closed }) => (closed ? 1 : 0)),
  ofTrunks('targets', 'Where each trunk sends its calls.', ({ targets }) => targets.length || undefined),
  ofTrunks('targets_dead', 'Those of them that do not answer.', ({ targets }) =>
    targets.length === 0 ? undefined : targets.filter(({ dead }) => dead).length,
  ),
  ofTrunks('registered', '1 while this server is registered at the provider of a trunk that asks for it.', (trunk) =>
    trunk.registration === undefined ? undefined : trunk.registration.kind === 'registered' ? 1 : 0,
  ),
];

/** `read`: undefined where a trunk has no such thing. */
function ofTrunks(
  name: string,
  help: string,
  read: (trunk: TrunkState) => number | undefined,
): PulledMetric<TrunkStats> {
  return {
    name: `trunk_${name}`,
    help,
    label: 'trunk',
    read: ({ trunks }) =>
      Object.fromEntries(
        trunks.flatMap((trunk) => {
          const value = read(trunk);
          return value === undefined ? [] : [[trunk.name, value]];
        }),
      ),
  };
}
