import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { fieldOf } from '../../agent/facade/testing/udp-peer.ts';
import type { Call } from '../../drachtio/call.ts';
import { pickingUp } from '../testing/bridge-stage.ts';
import { routeTo } from '../testing/memory-trunks.ts';
import { join, last, openRinging, request } from '../testing/ring-stage.ts';

describe('a number that is dialled', () => {
  test('goes to the next target where one is not there, and is counted by each', async () => {
    const { phone, ring, trunks, desk, nothingLeft } = await openRinging();
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
    const { phone, ring, trunks, clock, nothingLeft } = await openRinging();
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
    const { phone, ring, trunks, clock, nothingLeft } = await openRinging();
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
    const { ring, trunks, clock, nothingLeft } = await openRinging();
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
    const { facade, ring, trunks, clock, nothingLeft } = await openRinging();
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
    const { phone, ring, trunks, nothingLeft } = await openRinging();
    const first = await phone('first', (call) => void call.reject(status));
    const second = await phone('second');
    trunks.routes = [routeTo('first', first.port), routeTo('second', second.port)];
    expect(await last(ring({ number: '+4930123' }).told)).toBe(failure);
    expect(second.incoming).toEqual([]);
    await nothingLeft();
  });

  test('that rang is not dialled again elsewhere', async () => {
    const { phone, ring, trunks, nothingLeft } = await openRinging();
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
    const { ring, trunks, nothingLeft } = await openRinging();
    expect(await last(ring({ number }).told)).toBe(failure);
    expect(trunks.asked).toEqual([]);
    await nothingLeft();
  });

  test.each(['phone:+4930123', 'tel:+4930123', 'sip:ann@example.org'])(
    'is not dialled in the right of %s, which is no user',
    async (onBehalfOf) => {
      const { ring, trunks, nothingLeft } = await openRinging();
      expect(await last(ring({ number: '+4930123' }, join, { ...request, onBehalfOf }).told)).toBe('forbidden');
      expect(trunks.asked).toEqual([]);
      await nothingLeft();
    },
  );

  test('that the limits forbid is told as forbidden', async () => {
    const { ring, trunks, nothingLeft } = await openRinging();
    trunks.refusal = { status: 403, reason: 'denied' };
    expect(await last(ring({ number: '+4930123' }).told)).toBe('forbidden');
    await nothingLeft();
  });

  test('whose money is used up is ended', async () => {
    const { phone, ring, trunks, desk, nothingLeft } = await openRinging();
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
    const { phone, ring, trunks, nothingLeft } = await openRinging();
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
