import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { makeResponse } from '../messages/make-response.ts';
import { noBody, type SipRequest } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Flow } from '../transports/flow.ts';
import { KeepAlives } from './keep-alives.ts';

type Fields = readonly (readonly [string, string])[];

function setUp({ seconds = 120, ours = true, transport = 'TCP' as 'TCP' | 'UDP', via = '' } = {}) {
  const clock = new FakeClock();
  const keepAlives = new KeepAlives(clock, seconds, () => 1);
  const [sent, closed]: [string[], string[]] = [[], []];
  const state = { open: true };
  const flow: Flow = {
    id: 'a',
    transport,
    reliable: transport !== 'UDP',
    ours: transport !== 'UDP' && ours,
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address: '192.0.2.9', port: 5060 },
    sentBy: { host: '192.0.2.1', port: 5060 },
    get open() {
      return state.open;
    },
    send: (bytes) => {
      sent.push(Buffer.from(bytes).toString());
      return Promise.resolve();
    },
    close: (why = 'closed') => {
      closed.push(why);
      state.open = false;
      keepAlives.closed(flow);
    },
  };
  const answer = (method: string, session?: object, asked: Fields = [], said: Fields = []) => {
    const headers = SipHeaders.of([
      ['Via', `SIP/2.0/${transport} 192.0.2.1;branch=z9hG4bKa${via}`],
      ['From', '<sip:us@192.0.2.1>;tag=a'],
      ['To', '<sip:us@192.0.2.9>'],
      ...asked,
    ]);
    const request: SipRequest = { kind: 'request', method, uri: 'sip:192.0.2.9', headers, body: noBody };
    const response = makeResponse(request, 200, { toTag: 'b' });
    for (const [name, value] of said) response.headers.add(name, value);
    keepAlives.answered(request, response, flow, session);
  };
  return { clock, keepAlives, sent, closed, flow, answer };
}

const contact = [['Contact', '<sip:us@192.0.2.1>;expires=100']] as const;

describe('a connection of ours', () => {
  test('is pinged for as long as a dialog uses it, and no longer', () => {
    const { clock, keepAlives, sent, answer } = setUp();
    const [one, other] = [{}, {}];
    answer('INVITE', one);
    answer('INVITE', other);
    expect([keepAlives.size, clock.pendingTimers]).toEqual([1, 1]);
    clock.advance(119_999);
    expect(sent).toEqual([]);
    clock.advance(1);
    expect(sent).toEqual(['\r\n\r\n']);
    keepAlives.release(one);
    clock.advance(120_000);
    expect(sent).toHaveLength(2);
    keepAlives.release(other);
    expect([keepAlives.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('is closed when a pong is missing of who answered before, and of nobody else', () => {
    const { clock, keepAlives, flow, closed, sent, answer } = setUp();
    answer('INVITE', {});
    clock.advance(240_000);
    expect([closed, sent.length]).toEqual([[], 2]);
    keepAlives.heard(flow, true);
    clock.advance(129_999);
    expect(closed).toEqual([]);
    clock.advance(1);
    expect([closed, clock.pendingTimers, keepAlives.size]).toEqual([['pong'], 0, 0]);
  });

  test('is not closed while anything comes', () => {
    const { clock, keepAlives, flow, closed, answer } = setUp({ via: ';keep=60' });
    answer('INVITE', {});
    clock.advance(60_000);
    keepAlives.heard(flow);
    clock.advance(59_999);
    expect(closed).toEqual([]);
    clock.advance(10_001);
    expect(closed).toEqual(['pong']);
  });

  test('to who promised pongs has to get the first one too, as often as was asked for', () => {
    const { clock, closed, sent, answer } = setUp();
    answer('REGISTER', undefined, contact, [['Flow-Timer', '30']]);
    clock.advance(30_000);
    expect(sent).toHaveLength(1);
    clock.advance(10_000);
    expect(closed).toEqual(['pong']);
  });

  test('that ends has its timers end with it, and so has the agent', () => {
    for (const end of ['flow', 'agent'] as const) {
      const { clock, keepAlives, flow, sent, answer } = setUp();
      answer('INVITE', {});
      clock.advance(120_000);
      if (end === 'flow') flow.close();
      else keepAlives.close();
      expect([clock.pendingTimers, keepAlives.size, sent.length]).toEqual([0, 0, 1]);
    }
  });
});

test('connections of others, calls over UDP and an agent that is to send none are left alone', () => {
  for (const options of [{ ours: false }, { transport: 'UDP' as const }, { seconds: 0 }]) {
    const { clock, answer } = setUp(options);
    answer('INVITE', {});
    answer('OPTIONS');
    expect(clock.pendingTimers).toBe(0);
  }
});

describe('a registration of ours', () => {
  test('over UDP is kept open each half minute until it has expired, and nobody has to answer', () => {
    const { clock, sent, closed, keepAlives, answer } = setUp({ transport: 'UDP' });
    answer('REGISTER', undefined, contact);
    clock.advance(29_000 * 3);
    expect(sent).toHaveLength(3);
    clock.advance(29_000);
    expect([sent.length, closed, clock.pendingTimers, keepAlives.size]).toEqual([3, [], 0, 0]);
  });

  test('that is renewed goes on, and one that is taken back ends at once', () => {
    const { clock, sent, answer } = setUp({ transport: 'UDP' });
    answer('REGISTER', undefined, contact);
    clock.advance(90_000);
    answer('REGISTER', undefined, contact);
    clock.advance(90_000);
    expect([sent.length, clock.pendingTimers]).toEqual([6, 1]);
    answer('REGISTER', undefined, [
      ['Contact', '*'],
      ['Expires', '0'],
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('that is only asked about keeps nothing, and of too many the last are not kept', () => {
    const { clock, keepAlives, flow, answer } = setUp();
    answer('REGISTER');
    expect([keepAlives.size, clock.pendingTimers]).toEqual([0, 0]);
    for (let at = 0; at < 10_001; at += 1) answer('REGISTER', undefined, [...contact, ['To', `<sip:${at}@192.0.2.9>`]]);
    flow.close();
    expect([keepAlives.size, clock.pendingTimers]).toEqual([0, 0]);
  });
});
