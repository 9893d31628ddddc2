// Waits that end when the thing waited for has become pointless.

import type { Lifetime } from './lifetime.ts';

/** Thrown out of a wait that outlived what it belonged to. Never reaches applications. */
export class Superseded extends Error {
  constructor() {
    super('superseded');
    this.name = 'Superseded';
  }
}

/** The promise, or a rejection with {@link Superseded} when the life ends first. */
export function during<T>(life: Lifetime, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const forget = life.onEnd(() => reject(new Superseded()));
    promise.then(resolve, reject).finally(forget);
  });
}

/** Resolves after the time. @throws {Superseded} when the life ends before. */
export function sleep(delayMs: number, life: Lifetime): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, delayMs);
  });
  return during(life, elapsed).finally(() => clearTimeout(timer));
}

/** The promise, or `error()` when it takes longer. */
export function withTimeout<T>(promise: Promise<T>, timeoutMs: number, error: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error()), timeoutMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Calls back in a task of its own, after all that waits on promises now. Not slowed down in hidden pages, unlike timers. */
export function inNextTask(callback: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    callback();
  };
  port2.postMessage(undefined);
}

/** A promise and what settles it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

export function createDeferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Whoever waits hears of it; that nobody does yet is no uncaught error.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
