import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { Lateness } from './lateness.ts';
import { nowMs } from './now.ts';
import { Ticker } from './ticker.ts';

describe('a ticker', () => {
  test('ticks as often as time passes, however long one tick takes', async () => {
    let ticks = 0;
    const startMs = nowMs();
    const ticker = new Ticker({
      nowMs,
      onTick: () => {
        ticks += 1;
        // The work of some ticks takes longer than there is to the next.
        const until = nowMs() + (ticks % 10 === 0 ? 50 : 0);
        while (nowMs() < until);
      },
    });
    await eventually(() => ticks >= 30, 'it ticks');
    ticker.close();
    const elapsedMs = nowMs() - startMs;
    // Those that were missed were made up for.
    expect(Math.abs(ticks - elapsedMs / 20)).toBeLessThan(12);
    expect(ticker.lateness.quantileMs(0.99)).toBeGreaterThan(20);
    const last = ticks;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(ticks).toBe(last);
  });

  test('makes up for ticks after packets were read that came by then, each for when it was due', async () => {
    const [here, there] = [createSocket('udp4'), createSocket('udp4')];
    here.bind(0, '127.0.0.1');
    await once(here, 'listening');
    const done: (number | 'read')[] = [];
    here.on('message', () => done.push('read'));
    const ticker = new Ticker({ nowMs, onTick: (dueMs) => done.push(dueMs) });
    there.bind(0, '127.0.0.1');
    await once(there, 'listening');
    there.connect(here.address().port, '127.0.0.1');
    await once(there, 'connect');
    done.length = 0;
    there.send('voice');
    const until = nowMs() + 60;
    while (nowMs() < until);
    await eventually(() => done.length > 4, 'it made up for ticks');
    ticker.close();
    here.close();
    there.close();
    expect(done[0]).toBe('read');
    const due = done.slice(1).map(Number);
    for (const [at, dueMs] of due.slice(1).entries()) expect(dueMs - (due[at] ?? 0)).toBeCloseTo(20, 3);
    expect(due[0]).toBeLessThan(until - 39);
  });

  test('does not make up for a time in which the thread stood still', () => {
    let now = 0;
    const ticked: number[] = [];
    const ticker = new Ticker({ nowMs: () => now, onTick: (atMs) => ticked.push(atMs) });
    now = 5_000;
    return eventually(() => ticked.length > 0, 'it ticks').then(() => {
      ticker.close();
      expect(ticked).toEqual([5_000]);
    });
  });
});

describe('lateness', () => {
  test('is of the last five seconds', () => {
    const lateness = new Lateness();
    expect(lateness.quantileMs(0.99)).toBe(0);
    for (let tick = 0; tick < 100; tick += 1) lateness.add(tick);
    expect(lateness.quantileMs(0.5)).toBe(50);
    expect(lateness.quantileMs(0.99)).toBe(99);
    for (let tick = 0; tick < 250; tick += 1) lateness.add(-0.5);
    expect(lateness.quantileMs(1)).toBe(0);
  });
});
