import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { openFacade } from '../agent/facade/testing/open-facade.ts';
import { fieldOf } from '../agent/facade/testing/udp-peer.ts';
import { SipCalls } from './sip-calls.ts';

// What places that ring describe before one of them answers.

const sdp = (port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
const typed = { more: ['Content-Type: application/sdp'] };

async function place(update?: (offer: string) => string) {
  const opened = await openFacade();
  const { port, secret, clock } = opened;
  const onListenerError = (error: unknown) => {
    throw error;
  };
  const calls = await SipCalls.connect({ host: '127.0.0.1', port, secret, clock, onListenerError, handlers: {} });
  onTestFinished(() => calls.close());
  const peer = await opened.peer();
  const uri = `sip:far@127.0.0.1:${peer.port}`;
  const placed = calls.place({ uri, sdp: sdp(4000), ...(update && { update }) });
  const heard: string[] = [];
  placed.events.on('progress', (told) => heard.push(told.sdp));
  const invite = await peer.next('INVITE');
  const callId = fieldOf(invite, 'Call-ID');
  return {
    ...opened,
    placed,
    heard,
    peer,
    invite,
    callId,
    ours: /;tag=([^;\s]+)/.exec(fieldOf(invite, 'From'))?.[1] ?? '',
    /** Of the place that requests of this peer come from. */
    async ringsReliably(rseq: number, body: string) {
      const more = [...typed.more, 'Require: 100rel', `RSeq: ${rseq}`];
      peer.answer(invite, '183 Session Progress', { toTag: callId, body, more });
      peer.answer(await peer.next('PRACK'), '200 OK');
    },
    async hangUp() {
      const call = await placed.answered;
      const gone = call.bye();
      peer.answer(await peer.next('BYE'), '200 OK');
      await gone;
      await opened.nothingLeft();
    },
  };
}

test('a 200 without a description has the early one of its own place, not of the one that spoke last', async () => {
  const { placed, heard, peer, invite, hangUp } = await place();
  peer.answer(invite, '183 Session Progress', { toTag: 'one', body: sdp(5001), ...typed });
  await eventually(() => heard.length === 1, 'the first place');
  peer.answer(invite, '183 Session Progress', { toTag: 'two', body: sdp(5002), ...typed });
  await eventually(() => heard.length === 2, 'the second place');
  peer.answer(invite, '200 OK', { toTag: 'one' });
  expect((await placed.answered).remoteSdp).toBe(sdp(5001));
  await hangUp();
});

test('of a place that never described anything, a 200 without a description has none', async () => {
  const { placed, heard, peer, invite, hangUp } = await place();
  peer.answer(invite, '183 Session Progress', { toTag: 'one', body: sdp(5001), ...typed });
  await eventually(() => heard.length === 1, 'the first place');
  peer.answer(invite, '200 OK', { toTag: 'two' });
  expect((await placed.answered).remoteSdp).toBe('');
  await hangUp();
});

test('a new offer before the answer is answered, and is what counts when the first answer comes again', async () => {
  const offers: string[] = [];
  const { placed, heard, peer, invite, callId, ours, ringsReliably, hangUp } = await place((offer) => {
    offers.push(offer);
    return sdp(4002);
  });
  await ringsReliably(1, sdp(5001));
  peer.request('UPDATE', { call: callId, cseq: 7, toTag: ours, body: sdp(5003), ...typed });
  const answered = await peer.next('SIP/2.0 200');
  expect([offers, answered.includes('m=audio 4002')]).toEqual([[sdp(5003)], true]);
  await ringsReliably(2, sdp(5001));
  await eventually(() => heard.length === 2, 'the first answer again');
  peer.answer(invite, '200 OK', { toTag: callId, body: sdp(5001), ...typed });
  expect((await placed.answered).remoteSdp).toBe(sdp(5003));
  expect(heard).toEqual([sdp(5001), '']);
  await hangUp();
});

test('a new offer that cannot be taken is refused, and what was agreed on stays', async () => {
  const { placed, peer, invite, callId, ours, ringsReliably, hangUp } = await place(() => {
    throw new Error('no codec of it');
  });
  await ringsReliably(1, sdp(5001));
  peer.request('UPDATE', { call: callId, cseq: 7, toTag: ours, body: sdp(5003), ...typed });
  await peer.next('SIP/2.0 488');
  peer.answer(invite, '200 OK', { toTag: callId });
  expect((await placed.answered).remoteSdp).toBe(sdp(5001));
  await hangUp();
});
