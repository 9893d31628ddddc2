/** How many clients are asked to come back in a second, so that they do not all come at once. */
const returnsPerSecond = 200;
const earliestMs = 500;

/** When the client of this index had better come back: one slot each, and a random moment in the slot. */
export function staggeredRetryMs(index: number): number {
  const slotMs = 1000 / returnsPerSecond;
  return Math.round(earliestMs + (index + Math.random()) * slotMs);
}
