import { expect, test } from 'vitest';
import type { Frame } from '../../core/event-message.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { testGatewayOptions } from '../../test/support/start-gateway.ts';
import { Admission } from './admission.ts';
import { FlushQueue } from './flush-queue.ts';
import type { GatewayContext } from './gateway-context.ts';
import { createCounters } from './gateway-stats.ts';
import type { Socket } from './listener.ts';
import { Outbox } from './outbox.ts';

/** An engine that takes everything, and keeps what a reader that does not read leaves unread. */
class PlainSocket implements Socket {
  readonly writes: Frame[][] = [];
  closed = '';
  asked = 0;
  reads = true;
  #unsent = 0;

  send(frame: Frame): boolean {
    this.sendAll([frame], false);
    return this.#unsent === 0;
  }

  sendAll(frames: readonly Frame[], _isBinary: boolean, start = 0): number {
    const end = this.reads ? frames.length : start + 1;
    const written = frames.slice(start, end);
    this.writes.push(written);
    if (!this.reads) for (const frame of written) this.#unsent += frame.length;
    return end;
  }

  unsentBytes(): number {
    this.asked++;
    return this.#unsent;
  }

  /** The kernel takes so much of what is kept, and of what that lets go. */
  take(bytes: number, outbox: Outbox): void {
    for (let left = bytes; left > 0 && this.#unsent > 0; outbox.drained()) {
      const taken = Math.min(left, this.#unsent);
      this.#unsent -= taken;
      left -= taken;
    }
  }

  end(code: number, reason: string): void {
    this.closed = `${code} ${reason}`;
  }
}

function setUp() {
  const turns: (() => void)[] = [];
  const context: GatewayContext = {
    options: { ...testGatewayOptions, ephemeralDropBytes: 20_000, pullBytes: 100_000, slowConsumerBytes: 200_000 },
    counters: createCounters(),
    connections: new Set(),
    admission: new Admission(testGatewayOptions, new FakeClock()),
    flushQueue: new FlushQueue((callback) => turns.push(callback)),
    clock: new FakeClock(),
    log: silentLogger,
  };
  const slow: number[] = [];
  const socket = new PlainSocket();
  const caughtUp: number[] = [];
  const outbox = new Outbox(context, false, {
    onSlow: (unsentBytes) => slow.push(unsentBytes),
    onCaughtUp: () => caughtUp.push(outbox.unsentBytes),
  });
  outbox.attach(socket);
  const endTurn = () => {
    for (const turn of turns.splice(0)) turn();
  };
  return { context, outbox, socket, slow, caughtUp, turns, endTurn };
}

test('what is posted in one turn leaves in one write, in order', () => {
  const { outbox, socket, turns, endTurn } = setUp();
  outbox.post('a');
  outbox.post('b');
  expect(socket.writes).toEqual([]);
  expect(turns).toHaveLength(1);
  endTurn();
  outbox.post('c');
  endTurn();
  expect(socket.writes).toEqual([['a', 'b'], ['c']]);
  endTurn();
  expect(socket.writes).toHaveLength(2);
});

test('what is posted while the connection’s own message is handled goes at once, unless something waits before it', () => {
  const { outbox, socket, endTurn } = setUp();
  outbox.corked = true;
  outbox.post('answer');
  expect(socket.writes).toEqual([['answer']]);
  outbox.corked = false;
  outbox.post('event');
  outbox.corked = true;
  outbox.post('second answer');
  expect(socket.writes).toHaveLength(1);
  endTurn();
  expect(socket.writes).toEqual([['answer'], ['event', 'second answer']]);
});

test('the queue is bounded: much at once does not wait for the end of the turn', () => {
  const { outbox, socket, turns, endTurn } = setUp();
  const frame = 'x'.repeat(10_000);
  for (let n = 0; n < 100; n++) outbox.post(frame);
  expect(socket.writes.flat().length).toBeGreaterThan(90);
  expect(turns).toHaveLength(1);
  endTurn();
  expect(socket.writes.flat()).toHaveLength(100);
});

test('a reader that does not read is behind, and no longer once it has read', () => {
  const { outbox, socket, endTurn } = setUp();
  for (let n = 0; n < 10; n++) outbox.post('x'.repeat(5_000));
  expect(outbox.isBehind).toBe(true);
  endTurn();
  // It reads: whatever was counted, nothing is unsent.
  expect(outbox.isBehind).toBe(false);
  socket.reads = false;
  for (let n = 0; n < 10; n++) outbox.post('x'.repeat(5_000));
  endTurn();
  expect(outbox.isBehind).toBe(true);
});

test('that a reader is too slow is told once, and never of one that reads', () => {
  const { outbox, socket, slow, endTurn } = setUp();
  for (let n = 0; n < 1_000; n++) outbox.post('x'.repeat(5_000));
  endTurn();
  expect(slow).toEqual([]);
  socket.reads = false;
  for (let n = 0; n < 1_000; n++) outbox.post('x'.repeat(5_000));
  expect(slow).toHaveLength(1);
  expect(slow[0]).toBeGreaterThan(200_000);
  expect(slow[0]).toBeLessThan(300_000);
});

test('a reader that does not read is switched to pulling once, and back when it has caught up', () => {
  const { context, outbox, socket, slow, caughtUp, endTurn } = setUp();
  socket.reads = false;
  let taken = 0;
  for (; outbox.takesLog(); taken++) outbox.post('x'.repeat(5_000));
  expect(taken).toBe(20);
  for (let n = 0; n < 100; n++) expect(outbox.takesLog()).toBe(false);
  endTurn();
  expect(context.counters.logPulls).toBe(1);
  socket.take(70_000, outbox);
  // Below pullBytes, and not yet caught up.
  expect(outbox.takesLog()).toBe(false);
  expect(caughtUp).toEqual([]);
  socket.take(15_000, outbox);
  outbox.drained();
  // One frame is the engine's, and two wait here, counted with their heads.
  expect(caughtUp).toEqual([5_000 + 2 * 5_010]);
  expect(outbox.takesLog()).toBe(true);
  expect(slow).toEqual([]);
});

test('while the engine keeps something nothing more is given to it, and all of it arrives in order', () => {
  const { outbox, socket, endTurn } = setUp();
  const frames = Array.from({ length: 12 }, (_, n) => String(n).repeat(2_000));
  socket.reads = false;
  for (const frame of frames.slice(0, 6)) outbox.post(frame);
  endTurn();
  outbox.corked = true;
  for (const frame of frames.slice(6)) outbox.post(frame);
  outbox.corked = false;
  endTurn();
  expect(socket.writes.flat()).toEqual(frames.slice(0, 1));
  expect(outbox.unsentBytes).toBeGreaterThanOrEqual(frames.join('').length);
  socket.take(7_000, outbox);
  expect(socket.writes.flat()).toEqual(frames.slice(0, 4));
  socket.reads = true;
  socket.take(1_000_000, outbox);
  expect(socket.writes.flat()).toEqual(frames);
  expect(outbox.unsentBytes).toBe(0);
});

test('last words go behind everything that waits, though the engine keeps some', () => {
  const { outbox, socket, endTurn } = setUp();
  socket.reads = false;
  const frames = ['a', 'b', 'c', 'd'];
  for (const frame of frames) outbox.post(frame);
  endTurn();
  outbox.end(4429, 'SLOW_CONSUMER');
  expect(socket.writes.flat()).toEqual(frames);
});

test('a reader that had all of it at once is told so, though the engine kept nothing', () => {
  const { outbox, caughtUp, endTurn } = setUp();
  outbox.post('x'.repeat(60_000));
  outbox.post('x'.repeat(40_100));
  expect(outbox.takesLog()).toBe(true);
  endTurn();
  expect(caughtUp).toEqual([]);
});

test('a healthy reader costs the log no question to the engine', () => {
  const { outbox, socket, endTurn } = setUp();
  for (let n = 0; n < 10; n++) {
    expect(outbox.takesLog()).toBe(true);
    outbox.post('x'.repeat(1_000));
    endTurn();
  }
  expect(socket.asked).toBe(0);
});

test('end() sends what waits, then closes, and nothing goes out afterwards', () => {
  const { context, outbox, socket, endTurn } = setUp();
  outbox.post('last words');
  outbox.end(4429, 'SLOW_CONSUMER');
  outbox.post('too late');
  outbox.end(4400, 'BAD_FRAME');
  endTurn();
  expect(socket.writes).toEqual([['last words']]);
  expect(socket.closed).toBe('4429 SLOW_CONSUMER');
  expect(context.counters.messagesOut).toBe(1);
});

test('bytes are counted as they leave, not as characters', () => {
  const { context, outbox } = setUp();
  outbox.post('ä€');
  outbox.post(new Uint8Array(7));
  expect(context.counters).toMatchObject({ messagesOut: 2, bytesOut: 12 });
});
