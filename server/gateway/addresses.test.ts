import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { Addresses } from './addresses.ts';

const rates = { connectionRate: { perSecond: 1, burst: 2 }, messageRatePerIp: { perSecond: 10, burst: 10 } };

test('an address is forgotten once its buckets are full again and not before', () => {
  const clock = new FakeClock();
  const addresses = new Addresses({ ...rates, connectionRate: { perSecond: 0.01, burst: 2 } }, clock);
  const state = addresses.seen('203.0.113.7');
  state.arrivals.take(clock.monotonicMs());
  state.arrivals.take(clock.monotonicMs());
  clock.advance(199_000);
  expect(addresses.size).toBe(1);
  expect(state.arrivals.isFull(clock.monotonicMs())).toBe(false);
  clock.advance(201_000);
  expect(state.arrivals.isFull(clock.monotonicMs())).toBe(true);
  expect(addresses.size).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

test('an address with a connection is not forgotten', () => {
  const clock = new FakeClock();
  const addresses = new Addresses(rates, clock);
  const connected = addresses.connected('203.0.113.7');
  addresses.seen('203.0.113.8');
  clock.advance(600_000);
  expect(addresses.size).toBe(1);
  addresses.disconnected(connected);
  clock.advance(600_000);
  expect(addresses.size).toBe(0);
});

test('with too many addresses those seen longest ago are forgotten', () => {
  const addresses = new Addresses(rates, new FakeClock(), 4);
  const first = addresses.seen('203.0.113.1');
  const second = addresses.seen('203.0.113.2');
  addresses.seen('203.0.113.3');
  expect(addresses.seen('203.0.113.1')).toBe(first);
  addresses.seen('203.0.113.4');
  expect(addresses.size).toBeLessThanOrEqual(4);
  expect(addresses.seen('203.0.113.1')).toBe(first);
  expect(addresses.seen('203.0.113.2')).not.toBe(second);
});

test('a million addresses leave no more than the bound', () => {
  const addresses = new Addresses(rates, new FakeClock());
  for (let n = 0; n < 1_000_000; n++) addresses.seen(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`);
  expect(addresses.size).toBeLessThanOrEqual(50_000);
});

test('all addresses of one IPv6 network of 64 bits count as one', () => {
  const addresses = new Addresses(rates, new FakeClock());
  addresses.connected('2001:db8::1');
  addresses.connected('2001:db8::2');
  expect(addresses.seen('2001:db8::3').connections).toBe(2);
  expect(addresses.seen('2001:db8:0:1::3').connections).toBe(0);
});
