import { describe, expect, test } from 'vitest';
import { Scope } from './scope.ts';

describe('Scope', () => {
  test('closes what it holds last first, each after the one before has ended', async () => {
    const scope = new Scope();
    const order: string[] = [];
    scope.defer(() => void order.push('first'));
    scope.defer(async () => {
      order.push('second begins');
      await new Promise((resolve) => setImmediate(resolve));
      order.push('second ends');
    });
    await scope.close();
    expect(order).toEqual(['second begins', 'second ends', 'first']);
  });

  test('aborts its signal before anything closes', async () => {
    const scope = new Scope();
    let abortedFirst = false;
    scope.defer(() => {
      abortedFirst = scope.signal.aborted;
    });
    expect(scope.signal.aborted).toBe(false);
    await scope.close();
    expect(abortedFirst).toBe(true);
    expect(scope.closed).toBe(true);
  });

  test('closes once, however often it is asked, and all wait for the same end', async () => {
    const scope = new Scope();
    let runs = 0;
    scope.defer(() => {
      runs += 1;
    });
    await Promise.all([scope.close(), scope.close()]);
    await scope.close();
    expect(runs).toBe(1);
  });

  test('closes everything even when parts fail, and tells of all failures', async () => {
    const scope = new Scope();
    let reached = false;
    scope.defer(() => {
      reached = true;
    });
    scope.defer(() => {
      throw new Error('one');
    });
    scope.defer(() => Promise.reject(new Error('two')));
    const failure = await scope.close().catch((error: unknown) => error);
    expect(reached).toBe(true);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors.map((error: Error) => error.message)).toEqual(['two', 'one']);
  });

  test('runs a disposer at once when it is closed already', async () => {
    const scope = new Scope();
    await scope.close();
    let ran = false;
    scope.defer(() => {
      ran = true;
    });
    expect(ran).toBe(true);
  });

  test('a disposer that is registered while the scope closes runs, and one that fails late is nobody’s surprise', async () => {
    const scope = new Scope();
    let ran = false;
    scope.defer(() => {
      scope.defer(() => {
        ran = true;
      });
      scope.defer(() => Promise.reject(new Error('late')));
      scope.defer(() => {
        throw new Error('late');
      });
    });
    await scope.close();
    expect(ran).toBe(true);
  });

  test('closes once when a disposer, or who hears the signal, closes it again', async () => {
    const scope = new Scope();
    const order: string[] = [];
    scope.signal.addEventListener('abort', () => void scope.close());
    scope.defer(() => void order.push('first'));
    scope.defer(async () => {
      void scope.close();
      await new Promise((resolve) => setImmediate(resolve));
      order.push('second');
    });
    await scope.close();
    expect(order).toEqual(['second', 'first']);
  });

  test('works with await using', async () => {
    let closed = false;
    {
      await using scope = new Scope();
      scope.defer(() => {
        closed = true;
      });
    }
    expect(closed).toBe(true);
  });
});
