import { expect, test } from 'vitest';
import { formatEndpoint } from '../transports/endpoint.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

// RFC 3261 section 18.1.1: beyond 1,300 bytes a request goes by TCP, for a datagram of that length is cut in pieces on its way.

const long = `${offer}${'a=long\r\n'.repeat(150)}`;
const phoneAt = { address: '192.0.2.9', port: 5060 };
const uri = 'sip:phone@192.0.2.9';

test('a request of more than 1,300 bytes goes by TCP, and says so where it says who we are', async () => {
  const s = await withPhone();
  const stream = new ScriptedPeer(s.network, phoneAt, 'TCP');
  s.us.request('INVITE', uri, [], long);
  await s.pass();
  const invite = stream.request('INVITE');
  expect(invite.headers.get('Via')).toMatch(/^SIP\/2\.0\/TCP /);
  expect(invite.headers.get('Contact')).toContain('transport=tcp');
  await stream.say(stream.answer(invite, 486));
  await s.pass();
  expect([stream.take(), s.phone.take(), s.us.told()]).toEqual([['INVITE', 'ACK'], [], ['486', 'over']]);
  s.us.request('OPTIONS', uri);
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
  expect(s.us.told()).toEqual(['200']);
  expect(await s.left()).toEqual(nothing());
});

test.each(['refuses', 'does not answer'])(
  'to whoever %s connections it goes as a datagram, later ones at once',
  async (how) => {
    const s = await withPhone();
    const isTcp = how === 'refuses';
    if (isTcp) s.network.refusingStreams.add(formatEndpoint(phoneAt));
    s.us.request('MESSAGE', uri, [['Content-Type', 'text/plain']], long);
    await s.pass(isTcp ? 50 : 4_100);
    const message = s.phone.request('MESSAGE');
    expect(message.headers.get('Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(message.body.length).toBe(long.length);
    await s.say(s.phone.answer(message, 200));
    s.us.request('MESSAGE', uri, [['Content-Type', 'text/plain']], long);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('MESSAGE'), 200));
    expect(s.us.told()).toEqual(['200', '200']);
    expect(await s.left()).toEqual(nothing());
  },
);

test('a request within a call goes by TCP when it alone is long, and its answer comes back', async () => {
  const s = await withPhone();
  const stream = new ScriptedPeer(s.network, phoneAt, 'TCP');
  const session = s.us.call(uri);
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('INVITE'), 200));
  s.us.acknowledge(session);
  s.us.within(session, 'INFO', [['Content-Type', 'text/plain']], long);
  await s.pass();
  await stream.say(stream.answer(stream.request('INFO'), 200));
  await s.pass();
  expect([s.phone.take(), s.us.told()]).toEqual([
    ['INVITE', 'ACK'],
    ['200', '200'],
  ]);
  session.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});
