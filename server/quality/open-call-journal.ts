import { join, resolve } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { CallQuality } from '../../media/quality/quality-policy.ts';
import type { PhoneInfo } from '../../proto/gen/types.ts';
import type { SignalingParts } from '../../signaling/create-signaling.ts';
import type { PeerOwner } from '../../signaling/peer.ts';
import type { Config } from '../config/schema.ts';
import { CallJournal } from './call-journal.ts';
import type { CallLine } from './call-line.ts';

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
  return ({ id, identity, kind, phone, owner }, reason) => {
    const call = quality.takeCall(id);
    if (call === undefined) return;
    const line = { ...call, endedAtMs: clock.nowMs(), identity, kind, reason };
    journal?.write(phone === undefined ? line : { ...line, phone: phoneLine(phone, owner) });
  };
}

function phoneLine(phone: PhoneInfo, { phoneEnd }: Pick<PeerOwner, 'phoneEnd'>): CallLine['phone'] {
  const { number, trunk, callId, codec, encrypted } = phone;
  const { quality, endReason = '' } = phoneEnd ?? {};
  return { number, trunk, callId, codec, encrypted, quality, endReason };
}
