import { join, resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { CallQuality } from '../../media/quality/quality-policy.ts';
import type { SignalingParts } from '../../signaling/create-signaling.ts';
import type { Config } from '../config/schema.ts';
import { CallJournal } from './call-journal.ts';

/** Undefined when none is to be kept. */
export function openCallJournal(config: Config, parts: { clock: Clock; log: Logger }): CallJournal | undefined {
  const { journal, journalDays: days } = config.quality;
  return journal ? new CallJournal({ dir: join(resolve(config.dataDir), 'calls'), days, ...parts }) : undefined;
}

/** What is to be done with each peer that leaves: its call is over, whether it is written down or not. */
export function endCalls(
  quality: CallQuality,
  journal: CallJournal | undefined,
  clock: Clock,
): NonNullable<SignalingParts['observeLeave']> {
  return ({ id, identity, kind }, reason) => {
    const call = quality.takeCall(id);
    if (call) journal?.write({ ...call, endedAtMs: clock.nowMs(), identity, kind, reason });
  };
}
