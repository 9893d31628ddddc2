import type { Receipt } from '../../proto/gen/types.ts';
import type { Timeline } from './timeline.ts';

interface WantedReaction {
  readonly clientId: string;
  readonly messageId: string;
  readonly emoji: string;
  readonly on: boolean;
}

/**
 * The answer to a reaction that is as it is wanted already, where memory tells: of the record that made it so, or of the
 * message when there never was one. Undefined: the store is to be asked.
 */
export function receiptOfHeld(
  { ring, head, durability }: Timeline,
  identity: string,
  { clientId, messageId, emoji, on }: WantedReaction,
): Receipt | undefined {
  const target = ring.find(messageId);
  if (target?.message === undefined || target.message.deletedBy !== undefined) return undefined;
  const isOn = target.message.reactions.some((one) => one.emoji === emoji && one.identities.includes(identity));
  // Of a retry the store knows the answer, and whether it is one.
  if (isOn !== on || ring.findSent(identity, clientId) !== undefined) return undefined;
  const { records } = ring.after(target.seq, everything);
  const {
    seq,
    messageId: id,
    atMs,
  } = records.findLast(
    (record) =>
      record.kind === 'reaction' &&
      record.targetId === messageId &&
      record.identity === identity &&
      record.reaction?.emoji === emoji,
  ) ?? target;
  return { epoch: head.epoch, seq, messageId: id, atMs, durability, duplicate: true };
}

const everything = { maxRecords: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
