/** From 0 to 1. */
export type Random = () => number;

/** https://github.com/cprosche/mulberry32: small, seeded, good enough to choose by. */
export function createRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @throws {Error} of an empty list. */
export function oneOf<Value>(random: Random, values: readonly Value[]): Value {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new Error('there is nothing to choose from');
  return value;
}

/** Of a failed run: `PARLEY_FUZZ_SEED=… npx vitest run test/sip`. It is printed. */
export function testSeed(): number {
  const seed = Number(process.env['PARLEY_FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  console.log(`seed ${seed}`);
  return seed;
}
