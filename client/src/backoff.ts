/** A random time up to an exponentially growing bound: many clients that lost one server do not come back at once. */
export function fullJitterMs(tries: number, baseMs: number, capMs: number, random: () => number = Math.random): number {
  // Beyond 2^30 the cap has long been reached, and larger exponents end in Infinity.
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(tries, 30)));
}
