// Numbers of RTP that begin again at 0 (RFC 1982): which of two is ahead, and by how much.

/** How far `sequence` is ahead of `from`, -32,768 to 32,767. */
export function sequenceAhead(sequence: number, from: number): number {
  return ((sequence - from) << 16) >> 16;
}

/** How far `timestamp` is ahead of `from`, in ticks, -2^31 to 2^31-1. */
export function timestampAhead(timestamp: number, from: number): number {
  return (timestamp - from) | 0;
}
