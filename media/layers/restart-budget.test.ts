import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { RestartBudget } from './restart-budget.ts';

test('three restarts a minute are granted to each receiver of a track; that they are used up is said once', () => {
  const clock = new FakeClock();
  const budget = new RestartBudget(clock);
  const take = (times: number, receiver = 'ben') =>
    Array.from({ length: times }, () => budget.take('camera', receiver));
  expect(take(5)).toEqual(['granted', 'granted', 'granted', 'used up', 'refused']);
  expect(take(1, 'cleo')).toEqual(['granted']);
  clock.advance(59_999);
  expect(take(1)).toEqual(['refused']);
  clock.advance(1);
  expect(take(4)).toEqual(['granted', 'granted', 'granted', 'used up']);
  budget.forget('camera');
  expect(take(1)).toEqual(['granted']);
});
