import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { Call } from '../../drachtio/call.ts';
import type { IncomingCall } from '../../drachtio/incoming-call.ts';
import { pickingUp } from '../testing/bridge-stage.ts';
import { memorySdp } from '../testing/memory-phone-media.ts';
import { routeTo } from '../testing/memory-trunks.ts';
import { join, last, openRinging, request } from '../testing/ring-stage.ts';

describe('a user who is rung', () => {
  test('is rung at all phones; the first one wins, and the others see that it was answered elsewhere', async () => {
    const { register, phone, ring, desk, nothingLeft } = await openRinging();
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
    const { ring, nothingLeft } = await openRinging();
    expect(await last(ring({ user: 'ben' }).told)).toBe('unreachable');
    await nothingLeft();
  });

  test.each([
    [486, 'busy'],
    [603, 'declined'],
    [480, 'no-answer'],
    [404, 'unreachable'],
  ])('at a phone that says %i is %s', async (status, failure) => {
    const { register, phone, ring, nothingLeft } = await openRinging();
    register('ben', (await phone('ben', (call) => void call.reject(status))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe(failure);
    await nothingLeft();
  });

  test('with one phone busy and another that is not there is busy', async () => {
    const { register, phone, ring, nothingLeft } = await openRinging();
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
    const { register, phone, ring, nothingLeft } = await openRinging();
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
    const { register, phone, bridge, desk, nothingLeft } = await openRinging();
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
    const { register, phone, ring, nothingLeft } = await openRinging();
    const calls: Call[] = [];
    register('ben', (await phone('ben', pickingUp(calls, memorySdp(0)))).uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('failed');
    await nothingLeft();
  });

  test('whose phone has to encrypt is offered that once more', async () => {
    const { register, phone, ring, media, nothingLeft } = await openRinging();
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
    const { register, phone, ring, nothingLeft } = await openRinging();
    const gone = await phone('gone', (call) => void call.reject(430));
    const busy = await phone('busy', (call) => void call.reject(486));
    register('ben', gone.uri);
    register('ben', busy.uri);
    for (const _again of [1, 2]) expect(await last(ring({ user: 'ben' }).told)).toBe('busy');
    expect([gone.incoming.length, busy.incoming.length]).toEqual([1, 2]);
    await nothingLeft();
  });

  test('who sends calls on is followed as far as the plan lets them', async () => {
    const { register, phone, ring, trunks, nothingLeft } = await openRinging();
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
    const { register, phone, ring, nothingLeft } = await openRinging();
    const ben = await phone('ben', (call) => void call.reject(302, { headers: { Contact: '<sip:100@127.0.0.1>' } }));
    const ann = await phone('ann', (call) => void call.reject(302, { headers: { Contact: '<sip:101@127.0.0.1>' } }));
    register('ben', ben.uri);
    register('ann', ann.uri);
    expect(await last(ring({ user: 'ben' }).told)).toBe('failed');
    expect(ben.incoming.length + ann.incoming.length).toBe(4);
    await nothingLeft();
  });
});

test('the bridge stops all that rings when it closes', async () => {
  const { register, phone, ring, bridge, nothingLeft } = await openRinging();
  const ben = await phone('ben', (call) => void call.ring());
  register('ben', ben.uri);
  const { told } = ring({ user: 'ben' });
  await eventually(() => told.includes('ringing'), 'that it rings');
  await bridge.close();
  await eventually(() => ben.incoming[0]?.canceled, 'that it stops');
  await nothingLeft();
});
