// What a number of too many bits becomes.

export function limit15(value: number): number {
  return Math.max(-16_384, Math.min(16_383, value));
}

export function limit16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, value));
}
