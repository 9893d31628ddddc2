import { describe, expect, test } from 'vitest';
import { makeResponse } from '../messages/make-response.ts';
import type { SipRequest } from '../messages/message.ts';
import { draft, request, sendings, stage } from './testing/stage.ts';

describe('an INVITE that we send over UDP', () => {
  test('comes again with doubled pauses, and times out after 64 times T1', () => {
    const s = stage('UDP');
    s.layer.send(draft('INVITE'), s.hop, s.user);
    expect(sendings(s, 40_000)).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(s.taken()).toEqual(['timedOut', 'ended']);
    expect([s.layer.stats.clients, s.clock.pendingTimers]).toEqual([0, 0]);
  });

  test('rings as long as it likes after a provisional answer', () => {
    const s = stage('UDP');
    const invite = s.layer.send(draft('INVITE'), s.hop, s.user);
    s.layer.receive(makeResponse(invite.request, 180), s.hop);
    s.layer.receive(makeResponse(invite.request, 183), s.hop);
    expect(sendings(s, 600_000)).toEqual([0]);
    expect([s.taken(), invite.state]).toEqual([['180', '183'], 'proceeding']);
  });

  test('acknowledges a refusal itself, on its branch and route, and again when it comes again', () => {
    const s = stage('UDP');
    const invite = s.layer.send(draft('INVITE'), s.hop, s.user);
    const busy = makeResponse(invite.request, 486, { toTag: 'b' });
    s.layer.receive(busy, s.hop);
    const [sent, ack] = s.hop.sent as SipRequest[];
    expect(ack?.headers.all('Via')).toEqual(sent?.headers.all('Via'));
    expect([...(ack?.headers ?? [])].map(([name, value]) => `${name}: ${value}`)).toEqual(
      expect.arrayContaining(['Route: <sip:proxy.example;lr>', 'To: <sip:b@us.example>;tag=b', 'CSeq: 1 ACK']),
    );
    s.layer.receive(busy, s.hop);
    expect(s.hop.take()).toEqual(['INVITE', 'ACK', 'ACK']);
    s.clock.advance(31_900);
    expect(invite.state).toBe('completed');
    s.clock.advance(200);
    expect([s.taken(), s.layer.stats.clients, s.clock.pendingTimers]).toEqual([['486', 'ended'], 0, 0]);
  });

  test('tells of each 2xx for 64 times T1, acknowledges none, and a later one is told as stray', () => {
    const s = stage('UDP');
    const invite = s.layer.send(draft('INVITE'), s.hop, s.user);
    s.layer.receive(makeResponse(invite.request, 200, { toTag: 'b' }), s.hop);
    s.layer.receive(makeResponse(invite.request, 200, { toTag: 'c' }), s.hop);
    s.layer.receive(makeResponse(invite.request, 486, { toTag: 'd' }), s.hop);
    expect([s.taken(), s.hop.take()]).toEqual([['200', '200'], ['INVITE']]);
    s.clock.advance(32_000);
    s.layer.receive(makeResponse(invite.request, 200, { toTag: 'e' }), s.hop);
    expect([s.taken(), s.layer.stats.strayResponses]).toEqual([['ended', 'stray 200'], 1]);
  });

  test('that cannot be sent says why, once', async () => {
    const s = stage('UDP');
    s.hop.broken = new Error('refused');
    s.layer.send(draft('INVITE'), s.hop, s.user);
    await Promise.resolve();
    expect([s.taken(), s.clock.pendingTimers]).toEqual([['transportFailed refused', 'ended'], 0]);
  });

  test('of which the ACK cannot be sent has its answer all the same', async () => {
    const s = stage('UDP');
    const invite = s.layer.send(draft('INVITE'), s.hop, s.user);
    s.hop.broken = new Error('gone');
    s.layer.receive(makeResponse(invite.request, 486), s.hop);
    await Promise.resolve();
    expect(s.taken()).toEqual(['486', 'ended']);
  });
});

test('an INVITE over TCP is sent once, and ends with its refusal', () => {
  const s = stage('TCP');
  const invite = s.layer.send(draft('INVITE'), s.hop, s.user);
  s.clock.advance(20_000);
  s.layer.receive(makeResponse(invite.request, 486), s.hop);
  s.clock.advance(0);
  expect([s.hop.take(), s.taken(), s.clock.pendingTimers]).toEqual([['INVITE', 'ACK'], ['486', 'ended'], 0]);
});

describe('another request that we send', () => {
  test('comes again over UDP with pauses of at most T2', () => {
    const s = stage('UDP');
    s.layer.send(draft('OPTIONS'), s.hop, s.user);
    expect(sendings(s, 40_000)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(s.taken()).toEqual(['timedOut', 'ended']);
  });

  test('comes again every T2 after a provisional answer, and times out all the same', () => {
    const s = stage('UDP');
    const options = s.layer.send(draft('OPTIONS'), s.hop, s.user);
    s.layer.receive(makeResponse(options.request, 100), s.hop);
    expect(sendings(s, 40_000)).toEqual([0, 500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500]);
    expect(s.taken()).toEqual(['100', 'timedOut', 'ended']);
  });

  test('absorbs what comes again for T4', () => {
    const s = stage('UDP');
    const options = s.layer.send(draft('OPTIONS'), s.hop, s.user);
    s.layer.receive(makeResponse(options.request, 200), s.hop);
    s.layer.receive(makeResponse(options.request, 200), s.hop);
    s.clock.advance(4_900);
    expect([s.taken(), options.state]).toEqual([['200'], 'completed']);
    s.clock.advance(200);
    expect([s.taken(), s.layer.stats.clients, s.clock.pendingTimers]).toEqual([['ended'], 0, 0]);
  });
});

describe('an INVITE that comes over UDP', () => {
  test('is answered 100 at once, and with the newest answer each time it comes again', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    s.layer.receive(request('INVITE'), s.hop);
    s.served[0]?.respond(makeResponse(request('INVITE'), 180, { toTag: 'b' }));
    s.layer.receive(request('INVITE'), s.hop);
    expect([s.hop.take(), s.served.length]).toEqual([['100', '100', '180', '180'], 1]);
  });

  test('sends a refusal again until the ACK comes, then absorbs copies of the ACK for T4', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    s.served[0]?.respond(makeResponse(request('INVITE'), 486, { toTag: 'b' }));
    s.hop.take();
    expect(sendings(s, 8_000)).toEqual([500, 1_500, 3_500, 7_500]);
    s.layer.receive(request('ACK', { toTag: 'b' }), s.hop);
    s.layer.receive(request('ACK', { toTag: 'b' }), s.hop);
    expect(sendings(s, 4_000)).toEqual([]);
    s.clock.advance(2_000);
    expect([s.taken(), s.layer.stats.servers, s.clock.pendingTimers]).toEqual([['acknowledged', 'ended'], 0, 0]);
  });

  test('whose refusal is never acknowledged is given up after 64 times T1', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    s.served[0]?.respond(makeResponse(request('INVITE'), 486, { toTag: 'b' }));
    s.clock.advance(32_000);
    expect([s.taken(), s.layer.stats.servers, s.clock.pendingTimers]).toEqual([['failed no ACK', 'ended'], 0, 0]);
  });

  test('that is accepted absorbs itself, hands up its ACK, and sends a 2xx as often as it is told to', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    const ok = makeResponse(request('INVITE'), 200, { toTag: 'b' });
    expect([s.served[0]?.respond(ok), s.served[0]?.respond(ok)]).toEqual([true, true]);
    expect(s.served[0]?.respond(makeResponse(request('INVITE'), 486))).toBe(false);
    s.layer.receive(request('INVITE'), s.hop);
    s.layer.receive(request('ACK', { branch: 'z9hG4bKtwo', toTag: 'b' }), s.hop);
    expect([s.hop.take(), s.taken()]).toEqual([['100', '200', '200'], ['ack']]);
    s.clock.advance(32_000);
    expect([s.taken(), s.layer.stats.servers, s.clock.pendingTimers]).toEqual([['ended'], 0, 0]);
  });

  test('has one final answer', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    expect(s.served[0]?.respond(makeResponse(request('INVITE'), 486))).toBe(true);
    expect(s.served[0]?.respond(makeResponse(request('INVITE'), 200))).toBe(false);
    expect(s.served[0]?.respond(makeResponse(request('INVITE'), 180))).toBe(false);
    expect(s.hop.take()).toEqual(['100', '486']);
  });
});

describe('another request that comes', () => {
  test('gets its answer again for 64 times T1 over UDP', () => {
    const s = stage('UDP');
    s.layer.receive(request('OPTIONS'), s.hop);
    s.layer.receive(request('OPTIONS'), s.hop);
    expect(s.hop.take()).toEqual([]);
    s.served[0]?.respond(makeResponse(request('OPTIONS'), 200));
    s.clock.advance(31_900);
    s.layer.receive(request('OPTIONS'), s.hop);
    expect(s.hop.take()).toEqual(['200', '200']);
    s.clock.advance(200);
    expect([s.layer.stats.servers, s.clock.pendingTimers]).toEqual([0, 0]);
  });

  test('is forgotten with its answer over TCP', () => {
    const s = stage('TCP');
    s.layer.receive(request('OPTIONS'), s.hop);
    s.served[0]?.respond(makeResponse(request('OPTIONS'), 200));
    s.clock.advance(0);
    expect([s.layer.stats.servers, s.clock.pendingTimers]).toEqual([0, 0]);
  });

  test('that nobody answers is given up when its client has', () => {
    const s = stage('UDP');
    s.layer.receive(request('OPTIONS'), s.hop);
    s.clock.advance(32_000);
    expect([s.taken(), s.hop.take(), s.layer.stats.servers]).toEqual([
      ['failed not answered in time', 'ended'],
      ['100'],
      0,
    ]);
    expect(s.clock.pendingTimers).toBe(0);
  });

  test.each(['UDP', 'TCP'] as const)('over %s answered slowly gets 100 when timer E would be at T2', (transport) => {
    const s = stage(transport);
    s.layer.receive(request('OPTIONS'), s.hop);
    s.layer.receive(request('OPTIONS'), s.hop);
    expect(sendings(s, 3_900)).toEqual([3_500]);
    s.layer.receive(request('OPTIONS'), s.hop);
    expect(s.served[0]?.respond(makeResponse(request('OPTIONS'), 200))).toBe(true);
    expect(s.hop.take()).toEqual(['100', '200']);
    s.clock.advance(32_000);
    expect([s.taken(), s.layer.stats.servers, s.clock.pendingTimers]).toEqual([['ended'], 0, 0]);
  });

  test('whose answer cannot be sent says why', async () => {
    const s = stage('TCP');
    s.layer.receive(request('OPTIONS'), s.hop);
    s.hop.broken = new Error('closed');
    s.served[0]?.respond(makeResponse(request('OPTIONS'), 200));
    await Promise.resolve();
    expect([s.taken(), s.clock.pendingTimers]).toEqual([['failed closed', 'ended'], 0]);
  });
});
