// How long a packet may be, and what a number of too many bits becomes.

/** RFC 6716 section 3.4: of Opus. Of another a longer one is cut. */
export const longestPacketMs = 120;

export function limit15(value: number): number {
  return Math.max(-16_384, Math.min(16_383, value));
}

export function limit16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, value));
}
