import { describe, expect, it } from 'vitest';
import { Lifetime } from './lifetime.ts';
import { createDeferred, during, inNextTask, Superseded, sleep, withTimeout } from './waiting.ts';

describe('waits', () => {
  it('during() is the promise, until its life ends', async () => {
    const life = new Lifetime();
    expect(await during(life, Promise.resolve(1))).toBe(1);
    const never = during(life, new Promise(() => {}));
    life.end();
    await expect(never).rejects.toBeInstanceOf(Superseded);
    // Also when it came before the wait; and what the promise would have said is dropped.
    await expect(during(life, Promise.reject(new Error('late')))).rejects.toBeInstanceOf(Superseded);
  });

  it('sleep() ends with its life', async () => {
    const life = new Lifetime();
    const sleeping = sleep(3_600_000, life);
    life.end();
    await expect(sleeping).rejects.toBeInstanceOf(Superseded);
  });

  it('withTimeout() says what took too long', async () => {
    expect(await withTimeout(Promise.resolve('in time'), 1_000, () => new Error('late'))).toBe('in time');
    await expect(withTimeout(new Promise(() => {}), 1, () => new Error('late'))).rejects.toThrow('late');
  });

  it('inNextTask() comes after everything that waits on promises', async () => {
    const order: string[] = [];
    const done = createDeferred<void>();
    inNextTask(() => {
      order.push('task');
      done.resolve();
    });
    let chain = Promise.resolve();
    for (let hop = 0; hop < 50; hop += 1) chain = chain.then(() => {});
    void chain.then(() => order.push('promises'));
    await done.promise;
    expect(order).toEqual(['promises', 'task']);
  });
});
