import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { createDeferred, type Deferred } from '../waiting.ts';
import { SyncLoop } from './sync-loop.ts';

/** A loop whose steps the test ends, one by one. */
function createSteppedLoop(retryInMs: number | undefined = 0) {
  const steps: Deferred<'again' | 'done'>[] = [];
  const failures: number[] = [];
  const loop = new SyncLoop({
    step: () => {
      const step = createDeferred<'again' | 'done'>();
      steps.push(step);
      return step.promise;
    },
    retryInMs: (_error, tries) => {
      failures.push(tries);
      return retryInMs;
    },
  });
  const started = (count: number) => eventually(() => steps.length === count, `step ${count}`);
  return { loop, steps, failures, started };
}

describe('a SyncLoop', () => {
  it('takes one step after another until there is nothing left to do', async () => {
    const { loop, steps, started } = createSteppedLoop();
    const round = loop.kick();
    steps[0]?.resolve('again');
    await started(2);
    steps[1]?.resolve('done');
    await round;
    expect(steps).toHaveLength(2);
  });

  it('kicked while it works, looks once more and not more often', async () => {
    const { loop, steps, started } = createSteppedLoop();
    const rounds = [loop.kick(), loop.kick(), loop.kick()];
    expect(steps).toHaveLength(1);
    steps[0]?.resolve('done');
    await started(2);
    steps[1]?.resolve('done');
    await Promise.all(rounds);
    expect(steps).toHaveLength(2);
  });

  it('a failed step ends the round, and is tried again later', async () => {
    const { loop, steps, failures, started } = createSteppedLoop(1);
    const round = loop.kick();
    steps[0]?.reject(new Error('first'));
    await round;
    await started(2);
    steps[1]?.reject(new Error('second'));
    await started(3);
    steps[2]?.resolve('again');
    await started(4);
    steps[3]?.reject(new Error('third'));
    await started(5);
    // Counted anew after a step that went well.
    expect(failures).toEqual([1, 2, 1]);
  });

  it('a kick ends the wait before the next try', async () => {
    const { loop, steps, started } = createSteppedLoop(3_600_000);
    const round = loop.kick();
    steps[0]?.reject(new Error('later'));
    await round;
    void loop.kick();
    await started(2);
  });

  it('a failure that is final waits for a kick', async () => {
    const { loop, steps, started } = createSteppedLoop(undefined);
    const round = loop.kick();
    steps[0]?.reject(new Error('final'));
    await round;
    void loop.kick();
    await started(2);
  });

  it('closed, it takes no other step and lets nobody wait', async () => {
    const { loop, steps } = createSteppedLoop();
    const round = loop.kick();
    loop.close();
    await round;
    steps[0]?.resolve('again');
    await loop.kick();
    expect(steps).toHaveLength(1);
  });
});
