import { describe, expect, test } from 'vitest';
import { makeResponse } from '../messages/make-response.ts';
import type { SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { serverKey } from './keys.ts';
import { makeCancel } from './make-cancel.ts';
import { draft, request, stage } from './testing/stage.ts';

describe('what belongs to what', () => {
  test('one branch of two hosts is two requests', () => {
    expect(serverKey(request('INVITE'))).not.toBe(serverKey(request('INVITE', { host: 'other.example' })));
  });

  test('a CANCEL finds its INVITE by the branch, and nothing else does', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    s.layer.receive(makeCancel(request('INVITE')), s.hop);
    s.layer.receive(makeCancel(request('INVITE', { branch: 'z9hG4bKother' })), s.hop);
    expect(s.canceled).toEqual([s.served[0], undefined]);
  });

  test('agents of RFC 2543 have no cookie in the branch: retransmission, ACK and CANCEL are found by their fields', () => {
    const s = stage('UDP');
    const old = { branch: '1' };
    s.layer.receive(request('INVITE', old), s.hop);
    s.layer.receive(request('INVITE', old), s.hop);
    s.layer.receive(makeCancel(request('INVITE', old)), s.hop);
    s.served[0]?.respond(makeResponse(request('INVITE', old), 487, { toTag: 'b' }));
    s.layer.receive(request('ACK', { ...old, toTag: 'b' }), s.hop);
    expect([s.served.length, s.canceled, s.taken()]).toEqual([1, [s.served[0]], ['acknowledged']]);
  });

  test('a request that came on two ways is served once, the copy gets 482', () => {
    const s = stage('UDP');
    s.layer.receive(request('INVITE'), s.hop);
    s.layer.receive(request('INVITE', { branch: 'z9hG4bKtwo' }), s.hop);
    expect([s.hop.take(), s.served.length, s.layer.stats.merged]).toEqual([['100', '482'], 1, 1]);
  });

  test('within a dialog nothing is merged', () => {
    const s = stage('UDP');
    s.layer.receive(request('INFO', { toTag: 'b' }), s.hop);
    s.layer.receive(request('INFO', { toTag: 'b', branch: 'z9hG4bKtwo' }), s.hop);
    expect(s.served.length).toBe(2);
  });

  test('a response to nothing is counted and dropped', () => {
    const s = stage('UDP');
    s.layer.receive(makeResponse(request('OPTIONS'), 200), s.hop);
    expect([s.taken(), s.layer.stats.strayResponses]).toEqual([[], 1]);
    const options = s.layer.send(draft('OPTIONS'), s.hop, s.user);
    const astray = makeResponse(options.request, 200);
    astray.headers.add('Via', 'SIP/2.0/UDP further.example;branch=z9hG4bKfurther');
    s.layer.receive(astray, s.hop);
    expect([s.taken(), s.layer.stats.strayResponses, options.state]).toEqual([[], 2, 'trying']);
  });
});

test('beyond the limit requests get 503 with Retry-After, and none of ours is sent', () => {
  const s = stage('UDP', 1);
  s.layer.receive(request('INVITE'), s.hop);
  s.layer.receive(request('INVITE', { branch: 'z9hG4bKtwo', cseq: 2 }), s.hop);
  expect((s.hop.sent[1] as SipResponse).headers.get('Retry-After')).toBe('10');
  expect([s.hop.take(), s.layer.stats.refused]).toEqual([['100', '503'], 1]);
  expect(() => s.layer.send(draft('OPTIONS'), s.hop, s.user)).toThrow('too many transactions');
});

test('an answer of which nothing is kept has the same tag each time, and another one for another request', () => {
  const s = stage('UDP', 0);
  for (const branch of ['z9hG4bKone', 'z9hG4bKone', 'z9hG4bKtwo'])
    s.layer.receive(request('INVITE', { branch }), s.hop);
  const [one, again, other] = s.hop.sent.map(({ headers }) => tagOf(headers.get('To')));
  expect(one).toMatch(/^[\da-f]{16}$/);
  expect([again === one, other === one]).toEqual([true, false]);
});

test('close() ends all of them and leaves no timer', () => {
  const s = stage('UDP');
  s.layer.receive(request('INVITE'), s.hop);
  s.layer.receive(request('OPTIONS'), s.hop);
  s.layer.send(draft('INVITE'), s.hop, s.user);
  s.layer.send(draft('OPTIONS'), s.hop, s.user);
  s.layer.close();
  expect(s.taken()).toEqual(['ended', 'ended', 'ended', 'ended']);
  expect([s.layer.stats.clients, s.layer.stats.servers, s.clock.pendingTimers]).toEqual([0, 0, 0]);
});

test('a response is told of once, however often it leaves', () => {
  const s = stage('UDP');

  s.layer.receive(request('INVITE'), s.hop);
  s.served[0]?.respond(makeResponse(request('INVITE'), 200, { toTag: 'a' }));
  s.served[0]?.respond(makeResponse(request('INVITE'), 200, { toTag: 'a' }));
  s.layer.receive(request('OPTIONS', { branch: 'z9hG4bKtwo' }), s.hop);
  s.served[1]?.respond(makeResponse(request('OPTIONS'), 404, { toTag: 'b' }));
  s.layer.receive(request('OPTIONS', { branch: 'z9hG4bKtwo' }), s.hop);

  expect([s.hop.take(), s.answered]).toEqual([
    ['100', '200', '200', '404', '404'],
    [100, 200, 404],
  ]);
});
