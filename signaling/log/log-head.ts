import type { Durability, Head } from '../../cluster/room-log.ts';
import type { LogHead } from '../../proto/gen/types.ts';

/** A head as clients get it. */
export function toLogHead({ epoch, seq, messageId, firstSeq }: Head, durability: Durability): LogHead {
  return { epoch, seq, messageId, firstSeq, durability };
}
