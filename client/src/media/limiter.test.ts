import { describe, expect, it } from 'vitest';
import { Lifetime } from '../lifetime.ts';
import { createDeferred } from '../waiting.ts';
import { Limiter } from './limiter.ts';

const never = new Lifetime();

describe('a Limiter', () => {
  it('lets as many through as it allows, in the order of coming', async () => {
    const limiter = new Limiter(2);
    const started: number[] = [];
    const ends = Array.from({ length: 5 }, () => createDeferred<void>());
    const runs = ends.map((end, index) =>
      limiter.run(() => {
        started.push(index);
        return end.promise;
      }, never),
    );
    expect(started).toEqual([0, 1]);
    ends[1]?.resolve();
    await runs[1];
    ends[0]?.reject(new Error('a failure makes room too'));
    await expect(runs[0]).rejects.toThrow('a failure');
    for (const end of ends) end.resolve();
    await Promise.all(runs.slice(2));
    expect(started).toEqual([0, 1, 2, 3, 4]);
  });

  it('whoever stops waiting in line does not take a place with it', async () => {
    const limiter = new Limiter(1);
    const first = createDeferred<void>();
    const running = limiter.run(() => first.promise, never);
    const leaving = new Lifetime();
    const left = limiter.run(async () => 'never', leaving);
    const behind = limiter.run(async () => 'behind', never);
    leaving.end();
    await expect(left).rejects.toThrow('superseded');
    first.resolve();
    await running;
    expect(await behind).toBe('behind');
    expect(await limiter.run(async () => 'later', never)).toBe('later');
  });

  it('a place that is given to one who goes away in the same moment goes on to the next', async () => {
    const limiter = new Limiter(1);
    const first = createDeferred<void>();
    const running = limiter.run(() => first.promise, never);
    const leaving = new Lifetime();
    const left = limiter.run(async () => 'never', leaving);
    const behind = limiter.run(async () => 'behind', never);
    first.resolve();
    const releasing = running.then(() => leaving.end());
    await Promise.allSettled([left, releasing]);
    expect(await behind).toBe('behind');
  });
});
