import { beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createPeerId } from '../../core/ids.ts';
import { RestartBudget } from './restart-budget.ts';

const [ben, cleo] = [createPeerId(), createPeerId()];
const minuteMs = 60_000;
let clock: FakeClock;
let budget: RestartBudget;

beforeEach(() => {
  clock = new FakeClock();
  budget = new RestartBudget(clock);
});

const take = (times: number, receiver = ben) => Array.from({ length: times }, () => budget.take('camera', receiver));

test('each receiver of a track is granted three restarts; that they are used up is said once', () => {
  expect(take(5)).toEqual(['granted', 'granted', 'granted', 'used up', 'refused']);
  expect(take(1, cleo)).toEqual(['granted']);
});

test('three more are granted after two minutes, and each time after twice as long, up to half an hour', () => {
  for (const minutes of [2, 4, 8, 16, 30, 30]) {
    expect(take(5)).toEqual(['granted', 'granted', 'granted', 'used up', 'refused']);
    clock.advance(minutes * minuteMs - 1);
    expect(take(1)).toEqual(['refused']);
    clock.advance(1);
  }
});

test('what was not used up is there again after a minute', () => {
  take(3);
  clock.advance(minuteMs);
  expect(take(3)).toEqual(['granted', 'granted', 'granted']);
});

test('it starts anew with another track, and for who comes back', () => {
  take(4);
  budget.forgetTrack('camera');
  expect(take(4).at(0)).toBe('granted');
  budget.forgetReceiver(ben);
  expect(take(1)).toEqual(['granted']);
});
