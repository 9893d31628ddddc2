import { expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { warnOfUnreachable } from '../agent/messages/unreachable-warning.ts';
import type { RegisterOptions } from '../drachtio/sip-calls.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import { ProviderRegistration } from './provider-registration.ts';

const data = {
  registrar: 'sip:provider.example',
  address: 'sip:parley@provider.example',
  user: 'parley',
  password: 'x',
  contact: 'parley',
  seconds: 3_600,
  proxy: '',
  node: '',
};

type Outcome =
  | number
  | 'silent'
  | { readonly status: number; readonly headers?: readonly (readonly [string, string])[] };

/** A provider that says this until it says something else. */
function open(first: Outcome) {
  const clock = new FakeClock();
  const asked: { readonly atMs: number; readonly expires: number | undefined }[] = [];
  const states: string[] = [];
  const begunMs = clock.nowMs();
  const provider = { says: first };
  const registration = new ProviderRegistration(data, {
    clock,
    sip: {
      register: async ({ expires }: RegisterOptions) => {
        asked.push({ atMs: clock.nowMs() - begunMs, expires });
        const { says } = provider;
        if (says === 'silent') return new Promise<never>(() => {});
        if (typeof says === 'number') return says;
        const { status, headers = [] } = says;
        throw new SipFailure('REFUSED', `${status} no`, { status, headers: SipHeaders.of(headers) });
      },
    },
    changed: ({ kind, because }) => states.push(`${kind} ${because}`.trim()),
    random: () => 1,
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    const endMs = clock.nowMs() + ms;
    for (;;) {
      await settle();
      const next = clock.untilNextMs;
      if (next === undefined || clock.nowMs() + next > endMs) break;
      clock.advance(next);
    }
    clock.advance(endMs - clock.nowMs());
    await settle();
  };
  return { clock, registration, asked, states, pass, provider };
}

test('it is refreshed in time, by what was granted', async () => {
  const { asked, pass, states, registration } = open(600);
  await pass(2_000_000);
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 510_000, 1_020_000, 1_530_000]);
  expect([states, registration.state.kind]).toEqual([['registered'], 'registered']);
});

test('after failures it is tried again, each time later, and told once', async () => {
  const { asked, pass, provider, states } = open({ status: 503 });
  await pass(100_000);
  expect(asked.map(({ atMs }) => atMs)).toEqual([0, 5_000, 15_000, 35_000, 75_000]);
  provider.says = 3_600;
  await pass(80_000);
  expect(states).toEqual(['failed 503 no', 'registered']);
});

test('of a provider that cannot be reached it is told who that is, and why', async () => {
  const headers = SipHeaders.of([]);
  warnOfUnreachable(headers, 'provider.example has no address');
  const { pass, states } = open({ status: 503, headers: [['Warning', headers.get('Warning') ?? '']] });
  await pass(1);
  expect(states).toEqual(['failed sip:provider.example cannot be reached: provider.example has no address']);
});

test('no failure makes it wait for longer than half an hour', async () => {
  const { asked, pass } = open({ status: 500 });
  await pass(86_400_000);
  const gaps = asked.slice(1).map(({ atMs }, at) => atMs - (asked[at]?.atMs ?? 0));
  expect(Math.max(...gaps)).toBe(1_800_000);
});

test('a wrong password is not told over and over', async () => {
  const { asked, pass, registration } = open({ status: 403 });
  await pass(299_999);
  expect(asked).toHaveLength(1);
  expect(registration.state).toMatchObject({ kind: 'failed', because: '403 no' });
});

test('423 makes the time longer at once', async () => {
  const { asked, pass, provider } = open({ status: 423, headers: [['Min-Expires', '7200']] });
  await new Promise((resolve) => setImmediate(resolve));
  provider.says = 7_200;
  await pass(1);
  expect(asked.map(({ expires }) => expires)).toEqual([3_600, 7_200]);
});

test('Retry-After is kept to', async () => {
  const { asked, pass } = open({ status: 503, headers: [['Retry-After', '120']] });
  await pass(119_999);
  expect(asked).toHaveLength(1);
  await pass(1);
  expect(asked).toHaveLength(2);
});

test('its end is told to the provider, and nothing is left', async () => {
  const { asked, pass, registration, clock } = open(3_600);
  await pass(1);
  await registration.close();
  await registration.close();
  expect(asked.map(({ expires }) => expires)).toEqual([3_600, 0]);
  expect(clock.pendingTimers).toBe(0);
});

test('its end waits for a provider that does not answer, but not for long', async () => {
  const { pass, registration, provider, clock } = open(3_600);
  await pass(1);
  provider.says = 'silent';
  let closed = false;
  const closing = registration.close().then(() => {
    closed = true;
  });
  await pass(1_999);
  expect(closed).toBe(false);
  await pass(1);
  await closing;
  expect(clock.pendingTimers).toBe(0);
});
