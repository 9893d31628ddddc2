// Phones that say things in the wrong moment, not at all, or twice, word by word.

import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { fieldOf, toTagOf } from '../agent/facade/testing/udp-peer.ts';
import { openBridge } from './testing/bridge-stage.ts';
import { memorySdp } from './testing/memory-phone-media.ts';

const planTo = (target: string) => `
realm: example.org
guests: true
users: [{ identity: ann, password: secret, numbers: ['100'] }]
rules: [{ name: all, when: { called: parley }, ${target} }, { name: ann, when: { called: '100' }, user: ann }]
`;
const withSdp = { more: ['Content-Type: application/sdp'], body: memorySdp(4_000) };
const call = 'call-of-the-phone';

async function open(target = 'room: lobby') {
  const server = await openBridge(planTo(target));
  const peer = await server.facade.peer();
  return {
    ...server,
    peer,
    /** Turns the clock in steps that leave time for answers. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 500) {
        server.clock.advance(500);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
    /** It is in its room: the tag of the server. */
    async inRoom(invite: { more?: string[]; body?: string } = withSdp, ack = {}): Promise<string> {
      peer.request('INVITE', { call, ...invite });
      const toTag = toTagOf(await peer.next('SIP/2.0 200'));
      peer.request('ACK', { call, toTag, ...ack });
      await eventually(() => server.facade.agent.stats.messages.get('in ACK') === 1, 'the ACK');
      return toTag;
    },
    async hangUp(toTag: string) {
      peer.request('BYE', { call, cseq: 90, toTag });
      await peer.next('SIP/2.0 200');
      await server.nothingLeft();
    },
    /** How a request was answered for good. */
    answerTo: (cseq: string) =>
      eventually(() => {
        const answer = peer.heard.find((text) => /^SIP\/2.0 [2-6]/.test(text) && fieldOf(text, 'CSeq') === cseq);
        return answer?.slice('SIP/2.0 '.length, answer.indexOf('\r'));
      }, `an answer to ${cseq}`),
    async notified(): Promise<string> {
      const notify = await peer.next('NOTIFY ');
      peer.answer(notify, '200 OK');
      return `${fieldOf(notify, 'Subscription-State').split(';')[0]} ${notify.trim().split('\r\n').at(-1)}`;
    },
  };
}

describe('a phone that hangs up', () => {
  test('by BYE while it still rings is out, and nobody is rung for it any more', async () => {
    const { peer, desk, nothingLeft } = await open('user: ann');
    peer.request('INVITE', { call, ...withSdp });
    (await eventually(() => desk.calls[0], 'the call')).told.ringing();
    const toTag = toTagOf(await peer.next('SIP/2.0 180'));
    peer.request('BYE', { call, cseq: 2, toTag });
    await Promise.all([peer.next('SIP/2.0 200'), peer.next('SIP/2.0 487')]);
    peer.request('ACK', { call, toTag });
    await eventually(() => desk.calls[0]?.canceled, 'that it rings no more');
    await nothingLeft();
  });

  test('by CANCEL just as it was answered is in the call, and out with its BYE', async () => {
    const { peer, desk, hangUp, pass } = await open();
    peer.request('INVITE', { call, ...withSdp });
    const ok = await peer.next('SIP/2.0 200');
    peer.request('CANCEL', { call });
    expect(fieldOf(await peer.next('SIP/2.0 200'), 'CSeq')).toBe('1 CANCEL');
    peer.request('ACK', { call, toTag: toTagOf(ok) });
    await pass(5_000);
    expect(desk.peers[0]?.left).toBe(false);
    await hangUp(toTagOf(ok));
  });

  test('and never acknowledges the answer is hung up after 32 s, and out of its room', async () => {
    const { peer, desk, pass, nothingLeft } = await open();
    peer.request('INVITE', { call, ...withSdp });
    await peer.next('SIP/2.0 200');
    await pass(34_000);
    peer.answer(await peer.next('BYE '), '200 OK');
    await eventually(() => desk.peers[0]?.left, 'that it is out');
    expect(peer.heard.filter((text) => text.startsWith('SIP/2.0 200')).length).toBeGreaterThan(5);
    await nothingLeft();
  });

  test('while it waits for the answer to a new offer of its own gets one', async () => {
    const { peer, inRoom, answerTo, nothingLeft } = await open();
    const toTag = await inRoom();
    peer.request('INVITE', { call, cseq: 2, toTag, ...withSdp });
    peer.request('BYE', { call, cseq: 3, toTag });
    expect(await answerTo('3 BYE')).toBe('200 OK');
    expect(await answerTo('2 INVITE')).toMatch(/^(200|487) /);
    peer.request('ACK', { call, cseq: 2, toTag });
    await nothingLeft();
  });

  test('as soon as its transfer is taken is told how it went, and the transfer goes on', async () => {
    const { peer, desk, inRoom, answerTo, notified, nothingLeft } = await open();
    const toTag = await inRoom();
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    peer.request('REFER', { call, cseq: 2, toTag, more: ['Refer-To: <sip:100@example.org>'] });
    expect(await answerTo('2 REFER')).toBe('202 Accepted');
    expect(await notified()).toBe('active SIP/2.0 100 Trying');
    peer.request('BYE', { call, cseq: 3, toTag });
    expect(await answerTo('3 BYE')).toBe('200 OK');
    await eventually(() => desk.peers[0]?.left, 'that it is out');
    desk.peers[0]?.transfers[0]?.told.done();
    expect(await notified()).toBe('terminated SIP/2.0 200 OK');
    await nothingLeft();
  });
});

describe('a phone that lets the server offer', () => {
  test('and acknowledges without an answer is hung up: nothing would ever be heard', async () => {
    const { peer, inRoom, desk, nothingLeft } = await open();
    await inRoom({});
    peer.answer(await peer.next('BYE '), '200 OK');
    await eventually(() => desk.peers.every(({ left }) => left), 'that it is out');
    await nothingLeft();
  });

  test('within its call, and acknowledges without an answer, stays as it was, and may offer anew', async () => {
    const { peer, desk, inRoom, pass, media, hangUp } = await open();
    const toTag = await inRoom();
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    peer.request('INVITE', { call, cseq: 2, toTag });
    await peer.next('SIP/2.0 200');
    peer.request('ACK', { call, cseq: 2, toTag });
    peer.request('INVITE', { call, cseq: 3, toTag, ...withSdp, body: memorySdp(4_002) });
    await peer.next('SIP/2.0 200');
    peer.request('ACK', { call, cseq: 3, toTag });
    await pass(1_000);
    expect([...media.legs][0]?.taken).toEqual([memorySdp(4_000), memorySdp(4_002)]);
    await hangUp(toTag);
  });
});

describe('a phone that refers', () => {
  test.each([
    ['to two at once', ['Refer-To: <sip:100@example.org>', 'Refer-To: <sip:101@example.org>']],
    ['to two at once, in one line', ['Refer-To: <sip:100@example.org>, <sip:101@example.org>']],
    ['to nobody', []],
  ])('%s is refused', async (_what, more) => {
    const { peer, desk, inRoom, answerTo, hangUp } = await open();
    const toTag = await inRoom();
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    peer.request('REFER', { call, cseq: 2, toTag, more });
    expect(await answerTo('2 REFER')).toMatch(/^400 /);
    expect(desk.peers[0]?.transfers).toEqual([]);
    await hangUp(toTag);
  });

  test('so that something else than an INVITE is sent is told that nobody does', async () => {
    const { peer, desk, inRoom, notified, hangUp } = await open();
    const toTag = await inRoom();
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    peer.request('REFER', { call, cseq: 2, toTag, more: ['Refer-To: <sip:100@example.org;method=BYE>'] });
    expect(await notified()).toBe('terminated SIP/2.0 501 Not Implemented');
    expect(desk.peers[0]?.transfers).toEqual([]);
    await hangUp(toTag);
  });

  test('while its new offer is not answered is served, and so is the offer', async () => {
    const { peer, desk, inRoom, notified, hangUp } = await open();
    const toTag = await inRoom();
    await eventually(() => desk.peers[0]?.state.codec, 'that it is in the room');
    peer.request('INVITE', { call, cseq: 2, toTag, ...withSdp, body: memorySdp(4_000, 'sendonly') });
    peer.request('REFER', { call, cseq: 3, toTag, more: ['Refer-To: <sip:100@example.org>'] });
    await Promise.all([peer.next('SIP/2.0 200'), peer.next('SIP/2.0 202')]);
    peer.request('ACK', { call, cseq: 2, toTag });
    expect(await notified()).toBe('active SIP/2.0 100 Trying');
    peer.request('INVITE', { call, cseq: 4, toTag, ...withSdp });
    await peer.next('SIP/2.0 200');
    peer.request('ACK', { call, cseq: 4, toTag });
    desk.peers[0]?.transfers[0]?.told.failed('busy');
    expect(await notified()).toBe('terminated SIP/2.0 486 busy');
    expect(desk.peers[0]?.state.held).toBe(false);
    await hangUp(toTag);
  });
});

describe('a session that has to be refreshed', () => {
  test('by the phone, which does not, is ended', async () => {
    const { peer, desk, inRoom, pass, nothingLeft } = await open();
    const timer = ['Supported: timer', 'Session-Expires: 90;refresher=uac'];
    await inRoom({ ...withSdp, more: [...withSdp.more, ...timer] });
    await pass(91_000);
    peer.answer(await peer.next('BYE '), '200 OK');
    await eventually(() => desk.peers[0]?.left, 'that it is out');
    await nothingLeft();
  });

  test.each([
    ['481 Call Does Not Exist', undefined],
    ['', 'BYE '],
  ])('by us, which the phone answers with %j, is ended', async (status, last) => {
    const { peer, desk, inRoom, pass, nothingLeft } = await open();
    const timer = ['Supported: timer', 'Allow: INVITE, UPDATE', 'Session-Expires: 90;refresher=uas'];
    await inRoom({ ...withSdp, more: [...withSdp.more, ...timer] });
    await pass(46_000);
    const refresh = await peer.next('UPDATE ');
    if (status !== '') peer.answer(refresh, status);
    else await pass(45_000);
    if (last !== undefined) peer.answer(await peer.next(last), '200 OK');
    await eventually(() => desk.peers[0]?.left, 'that it is out');
    await nothingLeft();
  });
});
