import { expect, test } from 'vitest';
import { createRandom, oneOf, testSeed } from '../../../test/support/random.ts';
import { RandomCall } from './testing/random-call.ts';
import { nothing, withPhone } from './testing/stage.ts';

const sequences = 200;
const actsEach = 40;

test('whatever a phone and an application do, all of it ends: nothing is left and nothing is thrown', async () => {
  const first = testSeed();
  const rejected: unknown[] = [];
  const onRejection = (reason: unknown) => void rejected.push(reason);
  process.on('unhandledRejection', onRejection);
  try {
    for (let seed = first; seed < first + sequences; seed += 1) {
      const acts: string[] = [];
      const left = await run(seed, acts).catch((error: unknown) => error);
      const repeat = `PARLEY_FUZZ_SEED=${seed}: ${acts.join(' ')}`;
      expect(left, repeat).toEqual(nothing());
      expect(rejected, repeat).toEqual([]);
    }
  } finally {
    process.off('unhandledRejection', onRejection);
  }
});

/** What is left after the sequence of this seed; what it did is added to `acts`. */
async function run(seed: number, acts: string[]) {
  const random = createRandom(seed);
  const stage = await withPhone({}, oneOf(random, ['UDP', 'TCP', 'WS'] as const));
  await stage.phone.connect({ address: '192.0.2.1', port: 5060 });
  const call = new RandomCall(stage, random);
  for (let count = 0; count < actsEach; count += 1) {
    const act = oneOf(random, Object.keys(call.acts));
    acts.push(act);
    await call.acts[act]?.();
    await call.settle();
  }
  call.endAll();
  await stage.left();
  // A request that was on its way may have begun a call after that.
  call.endAll();
  return stage.left();
}
