import { describe, expect, test } from 'vitest';
import type { RingFailure, RingRequest } from '../../signaling/calls/telephony.ts';
import type { PhoneJoin } from '../../signaling/phones/phone-desk.ts';
import { eventually } from '../../test/support/eventually.ts';
import { fieldOf } from '../agent/facade/testing/udp-peer.ts';
import type { Call } from '../drachtio/call.ts';
import type { IncomingCall } from '../drachtio/incoming-call.ts';
import { openBridge, openPhone, pickingUp } from './testing/bridge-stage.ts';
import { roomOf } from './testing/memory-phone-desk.ts';
import { memorySdp } from './testing/memory-phone-media.ts';
import { routeTo } from './testing/memory-trunks.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
trunks:
  - { name: provider, outbound: { targets: ['sip:127.0.0.1:5999'] } }
rules:
  - { name: room, when: { called: '800' }, room: lobby }
  - { name: never, when: { calledPrefix: '+1900' }, reject: 403 }
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }
`;

const request: RingRequest = {
  callId: 'call-7',
  legId: 'leg-1',
  from: { identity: 'cy', name: 'Cy "the" Caller', number: '' },
  onBehalfOf: 'cy',
  ringMs: 45_000,
};
const join: PhoneJoin = {
  room: roomOf('call-7'),
  identity: 'ben',
  name: 'Ben',
  number: '101',
  trunk: '',
  callId: 'call-7',
};

async function open() {
  const server = await openBridge(plan);
  const phones: Awaited<ReturnType<typeof openPhone>>[] = [];
  return {
    ...server,
    /** A phone, not registered yet. */
    async phone(name: string, answer?: (call: IncomingCall) => void) {
      const phone = await openPhone(name, answer);
      phones.push(phone);
      return phone;
    },
    ring(
      target: Parameters<typeof server.bridge.telephony.ring>[0],
      answers: PhoneJoin | undefined = join,
      wanted: RingRequest = request,
    ) {
      const told: string[] = [];
      const ringing = server.bridge.telephony.ring(target, wanted, {
        ringing: () => void told.push('ringing'),
        early: () => undefined,
        answered: async ({ number, trunk }) => {
          told.push(`answered ${number} ${trunk}`.trim());
          return answers;
        },
        failed: (failure: RingFailure) => void told.push(failure),
      });
      expect(told).toEqual([]);
      return { told, ringing };
    },
    async nothingLeft() {
      await server.nothingLeft();
      for (const { facade } of phones) await facade.nothingLeft();
    },
  };
}

const last = (told: readonly string[]) => eventually(() => told.find((word) => word !== 'ringing'), 'how it ends');

describe('a user who is rung', () => {
  test('is rung at all phones; the first one wins, and the others see that it was answered elsewhere', async () => {
    const { register, phone, ring, desk, nothingLeft } = await open();
    const calls: Call[] = [];
    const canceled: string[] = [];
    const slow = await phone('slow', (call) => {
      void call.ring();
      call.events.on('canceled', ({ reason }) => canceled.push(reason));
    });
    const fast = await phone('fast');
    register('ben', slow.uri);
    register('ben', fast.uri);
    const { told } = ring({ user: 'ben' });
    await eventually(() => slow.incoming.length + fast.incoming.length === 2 && told.length > 0, 'that both ring');
    expect(slow.incoming[0]?.headers.get('From')).toMatch(/^"Cy \\"the\\" Caller" <sip:cy@/);
    const [won] = fast.incoming;
    if (won !== undefined) pickingUp(calls)(won);
    expect(await last(told)).toBe('answered ben');
    await eventually(() => canceled.length > 0, 'that the other one stops');
    expect(canceled).toEqual(['Call completed elsewhere']);
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    expect(desk.peers[0]?.request).toBe(join);
    await calls[0]?.bye();
    await nothingLeft();
  });

  test('who is nowhere is unreachable', async () => {
    const { ring, nothingLeft } = await open();
    expect(await last(ring({ user: 'ben' }).told)).toBe('unreachable');
    await nothingLeft();
  });

  test.each([
    [486, 'busy'],
    [603, 'declined'],
    [480, 'no-answer'],
    [404, 'unreachable'],
  ])('at a phone that says %i is %s', async (status, failure) => {
    const { register, phone, ring, nothingLeft } = await open();
    register('ben', (await phone('ben', (call) => void call.reject(status))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe(failure);
    await nothingLeft();
  });

  test('with one phone busy and another that is not there is busy', async () => {
    const { register, phone, ring, nothingLeft } = await open();
    register('ben', (await phone('gone', (call) => void call.reject(404))).uri);
    register('ben', (await phone('busy', (call) => void call.reject(486))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('busy');
    await nothingLeft();
  });

  test.each([
    ['answered-elsewhere', 'Call completed elsewhere'],
    ['canceled', 'the caller hung up'],
    ['no-answer', 'nobody answered in time'],
    ['declined', 'declined elsewhere'],
  ] as const)('stops to be rung as %s, and hears %j', async (end, words) => {
    const { register, phone, ring, nothingLeft } = await open();
    const canceled: string[] = [];
    const ben = await phone('ben', (call) => {
      void call.ring();
      call.events.on('canceled', ({ reason }) => canceled.push(reason));
    });
    register('ben', ben.uri);
    const { told, ringing } = ring({ user: 'ben' });
    await eventually(() => told.includes('ringing'), 'that it rings');
    ringing.cancel(end);
    ringing.cancel('canceled');
    await eventually(() => canceled.length > 0, 'that it stops');
    expect(canceled).toEqual([words]);
    await nothingLeft();
    expect(told).toEqual(['ringing']);
  });

  test('is hung up where the call is over by the time that it answers', async () => {
    const { register, phone, bridge, desk, nothingLeft } = await open();
    const calls: Call[] = [];
    register('ben', (await phone('ben', pickingUp(calls))).uri);
    bridge.telephony.ring({ user: 'ben' }, request, {
      ringing: () => {},
      early: () => undefined,
      answered: async () => undefined,
      failed: () => {},
    });
    const call = await eventually(() => calls[0], 'the answer');
    expect(await call.ended).toEqual({ by: 'them', reason: 'Call completed elsewhere' });
    expect(desk.peers).toEqual([]);
    await nothingLeft();
  });

  test('whose phone answers what was not offered is told as failed, and the phone is hung up', async () => {
    const { register, phone, ring, nothingLeft } = await open();
    const calls: Call[] = [];
    register('ben', (await phone('ben', pickingUp(calls, memorySdp(0)))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('failed');
    await nothingLeft();
  });

  test('whose phone has to encrypt is offered that once more', async () => {
    const { register, phone, ring, media, nothingLeft } = await open();
    const calls: Call[] = [];
    const asked: string[] = [];
    const ben = await phone('ben', (call) => {
      const [leg] = media.legs;
      asked.push(leg?.options.srtp ?? '');
      if (asked.length === 1) void call.reject(488);
      else pickingUp(calls)(call);
    });
    register('ben', ben.uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('answered ben');
    expect(asked).toEqual(['optional', 'required']);
    await eventually(() => calls[0], 'the call');
    await calls[0]?.bye();
    await nothingLeft();
  });

  test('whose phone is behind a connection that is gone is not called there again', async () => {
    const { register, phone, ring, nothingLeft } = await open();
    const gone = await phone('gone', (call) => void call.reject(430));
    const busy = await phone('busy', (call) => void call.reject(486));
    register('ben', gone.uri);
    register('ben', busy.uri);
    for (const _again of [1, 2]) expect(await last(ring({ user: 'ben' }).told)).toBe('busy');
    expect([gone.incoming.length, busy.incoming.length]).toEqual([1, 2]);
    await nothingLeft();
  });

  test('who sends calls on is followed as far as the plan lets them', async () => {
    const { register, phone, ring, trunks, nothingLeft } = await open();
    const moved = (to: string) => (call: IncomingCall) =>
      void call.reject(302, { headers: { Contact: `<sip:${to}@127.0.0.1>` } });
    const provider = await phone('provider', (call) => void call.reject(486));
    trunks.routes = [routeTo('provider', provider.port)];
    register('ben', (await phone('ben', moved('+4930123'))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('busy');
    expect(trunks.asked).toEqual([{ number: '+4930123', trunks: ['provider'], identity: 'ben' }]);
    register('ann', (await phone('ann', moved('+1900666'))).uri);
    expect(await last(ring({ user: 'ann' }).told)).toBe('forbidden');
    await nothingLeft();
  });

  test('who sends calls on in a circle is not followed for ever', async () => {
    const { register, phone, ring, nothingLeft } = await open();
    const ben = await phone('ben', (call) => void call.reject(302, { headers: { Contact: '<sip:100@127.0.0.1>' } }));
    const ann = await phone('ann', (call) => void call.reject(302, { headers: { Contact: '<sip:101@127.0.0.1>' } }));
    register('ben', ben.uri);
    register('ann', ann.uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('failed');
    expect(ben.incoming.length + ann.incoming.length).toBe(4);
    await nothingLeft();
  });
});

describe('a number that is dialled', () => {
  test('goes to the next target where one is not there, and is counted by each', async () => {
    const { phone, ring, trunks, desk, nothingLeft } = await open();
    const calls: Call[] = [];
    const down = await phone('down', (call) => void call.reject(503));
    const good = await phone('good', pickingUp(calls));
    trunks.routes = [routeTo('first', down.port), routeTo('second', good.port)];
    const { told } = ring({ number: '+4930123' }, { ...join, trunk: 'second' });
    expect(await last(told)).toBe('answered +4930123 second');
    await eventually(() => desk.peers[0], 'that it is in the room');
    await calls[0]?.bye();
    await nothingLeft();
    expect(trunks.log).toEqual(['first 503', 'first ended', 'second answered', 'second ended']);
  });

  test('goes to the next target where nobody listens, before the caller hangs up', async () => {
    const { phone, ring, trunks, clock, nothingLeft } = await open();
    const calls: Call[] = [];
    const good = await phone('good', pickingUp(calls));
    trunks.routes = [routeTo('first', 9), routeTo('second', good.port)];
    const { told } = ring({ number: '+4930123' });
    await eventually(() => trunks.running === 1, 'the first try');
    const startMs = clock.nowMs();
    await eventually(() => {
      clock.advance(100);
      return told.length > 0;
    }, 'the second try');
    expect(clock.nowMs() - startMs).toBeLessThan(12_000);
    expect(told).toEqual(['answered +4930123 second']);
    await eventually(() => calls[0], 'the call');
    await calls[0]?.bye();
    // The silent one is given up by its transaction.
    clock.advance(33_000);
    await nothingLeft();
  });

  test('rings on where a target takes it at the second try, with other keys', async () => {
    const { phone, ring, trunks, clock, nothingLeft } = await open();
    const calls: Call[] = [];
    const pickUp = pickingUp(calls);
    const first = await phone('first', (call) => {
      if (first.incoming.length === 1) void call.reject(488);
      else void call.ring();
    });
    const second = await phone('second');
    trunks.routes = [routeTo('first', first.port), routeTo('second', second.port)];
    const { told } = ring({ number: '+4930123' });
    await eventually(() => told.includes('ringing'), 'that it rings');
    clock.advance(9_000);
    const [, ringing] = first.incoming;
    if (ringing !== undefined) pickUp(ringing);
    expect(await last(told)).toBe('answered +4930123 first');
    expect(second.incoming).toEqual([]);
    await eventually(() => calls[0], 'the call');
    await calls[0]?.bye();
    await nothingLeft();
  });

  test('is unreachable after 8 s where nobody listens at all, and the target is dead', async () => {
    const { ring, trunks, clock, nothingLeft } = await open();
    trunks.routes = [routeTo('first', 9)];
    const { told } = ring({ number: '+4930123' });
    await eventually(() => trunks.running === 1, 'the try');
    const startMs = clock.nowMs();
    await eventually(() => {
      clock.advance(100);
      return told.length > 0;
    }, 'the end');
    expect(clock.nowMs() - startMs).toBeLessThan(12_000);
    expect([told, trunks.log]).toEqual([['unreachable'], ['first 408', 'first ended']]);
    clock.advance(33_000);
    await nothingLeft();
  });

  test('is waited for where the last target has only said that it is trying', async () => {
    const { facade, ring, trunks, clock, nothingLeft } = await open();
    const provider = await facade.peer();
    trunks.routes = [routeTo('first', provider.port)];
    const { told } = ring({ number: '+4930123' });
    const invite = await provider.next('INVITE');
    provider.answer(invite, '100 Trying');
    await eventually(() => !facade.agent.isUnanswered(fieldOf(invite, 'Call-ID')), 'that it is heard');
    clock.advance(20_000);
    provider.answer(invite, '486 Busy Here');
    expect(await last(told)).toBe('busy');
    await nothingLeft();
  });

  test.each([
    [486, 'busy'],
    [404, 'unreachable'],
    [603, 'declined'],
  ])('that is answered with %i is not dialled again elsewhere', async (status, failure) => {
    const { phone, ring, trunks, nothingLeft } = await open();
    const first = await phone('first', (call) => void call.reject(status));
    const second = await phone('second');
    trunks.routes = [routeTo('first', first.port), routeTo('second', second.port)];
    expect(await last(ring({ number: '+4930123' }).told)).toBe(failure);
    expect(second.incoming).toEqual([]);
    await nothingLeft();
  });

  test('that rang is not dialled again elsewhere', async () => {
    const { phone, ring, trunks, nothingLeft } = await open();
    const first = await phone('first', (call) => void call.ring().then(() => call.reject(503)));
    const second = await phone('second');
    trunks.routes = [routeTo('first', first.port), routeTo('second', second.port)];
    const { told } = ring({ number: '+4930123' });
    expect(await last(told)).toBe('unreachable');
    expect([told[0], second.incoming.length]).toEqual(['ringing', 0]);
    await nothingLeft();
  });

  test.each([
    ['+1900123', 'forbidden'],
    ['800', 'unreachable'],
    ['555', 'unreachable'],
  ])('that the plan does not let out, as %s, is %s', async (number, failure) => {
    const { ring, trunks, nothingLeft } = await open();
    expect(await last(ring({ number }).told)).toBe(failure);
    expect(trunks.asked).toEqual([]);
    await nothingLeft();
  });

  test.each(['phone:+4930123', 'tel:+4930123', 'sip:ann@example.org'])(
    'is not dialled in the right of %s, which is no user',
    async (onBehalfOf) => {
      const { ring, trunks, nothingLeft } = await open();
      expect(await last(ring({ number: '+4930123' }, join, { ...request, onBehalfOf }).told)).toBe('forbidden');
      expect(trunks.asked).toEqual([]);
      await nothingLeft();
    },
  );

  test('that the limits forbid is told as forbidden', async () => {
    const { ring, trunks, nothingLeft } = await open();
    trunks.refusal = { status: 403, reason: 'denied' };
    expect(await last(ring({ number: '+4930123' }).told)).toBe('forbidden');
    await nothingLeft();
  });

  test('whose money is used up is ended', async () => {
    const { phone, ring, trunks, desk, nothingLeft } = await open();
    const calls: Call[] = [];
    trunks.routes = [routeTo('first', (await phone('first', pickingUp(calls))).port)];
    await last(ring({ number: '+4930123' }).told);
    const call = await eventually(() => calls[0], 'the call');
    trunks.cut?.('the money of the day is used up');
    expect(await call.ended).toEqual({ by: 'them', reason: 'the money of the day is used up' });
    await eventually(() => desk.peers[0]?.left, 'that it is out of its room');
    expect(desk.peers[0]).toMatchObject({ leftAs: 'closed', quality: { mos: 4.2 } });
    await nothingLeft();
    expect(trunks.log).toEqual(['first answered', 'first ended']);
  });

  test('by a trunk that is closed while it rings is forbidden, and rings no more', async () => {
    const { phone, ring, trunks, nothingLeft } = await open();
    const first = await phone('first', (call) => void call.ring());
    trunks.routes = [routeTo('first', first.port), routeTo('second', first.port)];
    const { told } = ring({ number: '+4930123' });
    await eventually(() => told.includes('ringing'), 'that it rings');
    trunks.cut?.('calls that look like fraud');
    expect(await last(told)).toBe('forbidden');
    await eventually(() => first.incoming[0]?.canceled, 'that it stops');
    await nothingLeft();
    expect([first.incoming.length, trunks.log]).toEqual([1, ['first ended']]);
  });
});

test('the bridge stops all that rings when it closes', async () => {
  const { register, phone, ring, bridge, nothingLeft } = await open();
  const ben = await phone('ben', (call) => void call.ring());
  register('ben', ben.uri);
  const { told } = ring({ user: 'ben' });
  await eventually(() => told.includes('ringing'), 'that it rings');
  await bridge.close();
  await eventually(() => ben.incoming[0]?.canceled, 'that it stops');
  await nothingLeft();
});
