import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { silentLogger } from '../core/log.ts';
import { handleSignals } from './shutdown.ts';

/** An app that stops when it is told to, and what became of the process. */
function createProcess({ drainFails = false, closeFails = false, closeHangs = false, fromTerminal = false } = {}) {
  const source = new EventEmitter();
  const clock = new FakeClock();
  const steps: string[] = [];
  let finishDraining = () => {};
  const app = {
    start: async () => ({ url: '', mediaAddresses: [] }),
    drain: () => {
      steps.push('drain');
      if (drainFails) return Promise.reject(new Error('stuck'));
      return new Promise<void>((resolve) => {
        finishDraining = resolve;
      });
    },
    close: async () => {
      steps.push('close');
      if (closeFails) throw new Error('stuck');
      if (closeHangs) await new Promise(() => {});
    },
    reload: async () => {
      steps.push('reload');
      throw new Error('damaged');
    },
  };
  const exit = (code: number) => void steps.push(`exit ${code}`);
  const signals = handleSignals({ app, log: silentLogger, clock, source, exit, fromTerminal });
  return { source, clock, steps, signals, finishDraining: () => finishDraining() };
}

describe('signals', () => {
  test.each(['SIGINT', 'SIGTERM'])('the first %s drains, then closes, then exits with 0', async (signal) => {
    const { source, steps, signals, finishDraining } = createProcess();
    expect(signals.stopping).toBe(false);
    source.emit(signal, signal);
    expect(steps).toEqual(['drain']);
    expect(signals.stopping).toBe(true);
    finishDraining();
    await expect.poll(() => steps).toEqual(['drain', 'close', 'exit 0']);
  });

  test('the second stops at once, with 1', () => {
    const { source, clock, steps } = createProcess();
    source.emit('SIGTERM', 'SIGTERM');
    clock.advance(2000);
    source.emit('SIGINT', 'SIGINT');
    expect(steps).toEqual(['drain', 'exit 1']);
  });

  test('SIGHUP reads again, and ends nothing, whatever comes of it', async () => {
    const { source, steps, signals } = createProcess();
    source.emit('SIGHUP', 'SIGHUP');
    await Promise.resolve();
    source.emit('SIGHUP', 'SIGHUP');
    expect([steps, signals.stopping]).toEqual([['reload', 'reload'], false]);
  });

  test('SIGHUP of a terminal that is closed ends what runs in it, as without a listener', () => {
    expect(createProcess({ fromTerminal: true }).source.listenerCount('SIGHUP')).toBe(0);
  });

  test('one Ctrl-C that comes twice, from the terminal and from npm, is one', () => {
    const { source, clock, steps } = createProcess();
    source.emit('SIGINT', 'SIGINT');
    clock.advance(20);
    source.emit('SIGINT', 'SIGINT');
    expect(steps).toEqual(['drain']);
  });

  test('a part that does not close makes it 1', async () => {
    const { source, steps, finishDraining } = createProcess({ closeFails: true });
    source.emit('SIGTERM', 'SIGTERM');
    finishDraining();
    await expect.poll(() => steps).toEqual(['drain', 'close', 'exit 1']);
  });

  test('a drain that fails makes it 1, and everything is closed all the same', async () => {
    const { source, steps } = createProcess({ drainFails: true });
    source.emit('SIGTERM', 'SIGTERM');
    await expect.poll(() => steps).toEqual(['drain', 'close', 'exit 1']);
  });

  test('a close that hangs ends at its deadline, with 1', async () => {
    const { source, clock, steps, finishDraining } = createProcess({ closeHangs: true });
    source.emit('SIGTERM', 'SIGTERM');
    finishDraining();
    await expect.poll(() => steps).toEqual(['drain', 'close']);
    await expect.poll(() => clock.pendingTimers).toBe(1);
    clock.advance(10_000);
    await expect.poll(() => steps).toEqual(['drain', 'close', 'exit 1']);
  });

  test('a failure that nobody caught ends the process', () => {
    const { source, steps } = createProcess();
    source.emit('uncaughtException', new Error('broken'), 'uncaughtException');
    expect(steps).toEqual(['exit 1']);
  });
});
