/** How long to wait before the next try: 0 at first, then from 50 to 500 ms, 30 % more or less so that nodes do not come at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  if (failures === 0) return 0;
  return Math.min(50 * 2 ** (failures - 1), 500) * (0.7 + 0.6 * random());
}
