import { beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { WantedLayer } from './wanted-layer.ts';

let clock: FakeClock;
let told: number[];
let layer: WantedLayer;
const live = { held: false };

beforeEach(() => {
  clock = new FakeClock();
  told = [];
  layer = new WantedLayer({ clock, highest: 2, onTold: (to) => told.push(to) });
});

/** As it is once everybody has subscribed. */
function start(wanted: number): void {
  layer.is(wanted, live);
  clock.advance(20_000);
  told.length = 0;
}

describe('the layer that a sender is told', () => {
  test('is not spoken of before people had time to subscribe', () => {
    clock.advance(4_000);
    layer.is(2, live);
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('is lowered no sooner than 5 s after the start', () => {
    layer.is(0, live);
    clock.advance(4_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([0]);
  });

  test('goes up at once, and down after 4 s without a change', () => {
    start(0);
    layer.is(1, live);
    expect(told).toEqual([1]);
    layer.is(0, live);
    clock.advance(3_999);
    expect(told).toEqual([1]);
    clock.advance(1);
    expect(told).toEqual([1, 0]);
  });

  test('goes dark after 10 s in which nobody shows it', () => {
    start(2);
    layer.is(-1, live);
    clock.advance(9_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([-1]);
    layer.is(2, live);
    expect(told).toEqual([-1, 2]);
  });

  test('of a track that nobody ever showed goes dark too', () => {
    clock.advance(10_000);
    expect(told).toEqual([-1]);
  });

  test('says nothing of what is undone in time', () => {
    start(2);
    layer.is(0, live);
    clock.advance(3_000);
    layer.is(2, live);
    clock.advance(60_000);
    expect(told).toEqual([]);
  });

  test('tells of many steps down the last one, 4 s after it', () => {
    start(2);
    layer.is(1, live);
    clock.advance(3_000);
    layer.is(0, live);
    clock.advance(3_999);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(told).toEqual([0]);
  });

  test('is not lowered while the track is paused, and 10 s after it goes on', () => {
    start(2);
    layer.is(-1, { held: true });
    clock.advance(60_000);
    expect(told).toEqual([]);
    layer.is(-1, live);
    clock.advance(10_000);
    expect(told).toEqual([-1]);
  });

  test('keeps no timer when it is closed', () => {
    layer.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
