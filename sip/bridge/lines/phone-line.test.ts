import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { SipHeaders } from '../../agent/messages/sip-headers.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import { openBridge, openPhone } from '../testing/bridge-stage.ts';
import { memorySdp } from '../testing/memory-phone-media.ts';

const plan = `
realm: example.org
guests: true
rules:
  - { name: room, when: { called: '800' }, room: lobby }
`;

/** A phone in the lobby. */
async function inLobby() {
  const server = await openBridge(plan);
  const phone = await openPhone('ann');
  const call = await phone.calls(`sip:800@127.0.0.1:${server.port}`).answered;
  const peer = await eventually(() => server.desk.peers[0], 'the peer');
  const [leg] = server.media.legs;
  if (leg === undefined) throw new Error('there is no leg');
  await eventually(() => leg.room === peer.media && peer.state.codec !== '', 'that it is in the room');
  // Before the ACK nobody may offer anything.
  await eventually(() => server.facade.agent.stats.messages.get('in ACK') === 1, 'the ACK');
  return {
    ...server,
    phone,
    call,
    peer,
    leg,
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
    },
  };
}

describe('what a phone does in its call', () => {
  test.each([
    ['sendonly', memorySdp(4_000, 'sendonly', 2)],
    ['inactive', memorySdp(4_000, 'inactive', 2)],
    ['the address 0.0.0.0', memorySdp(4_000, 'sendrecv', 2).replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0')],
  ])('holds by %s, is shown on hold, and goes on', async (_form, sdp) => {
    const { call, peer, nothingLeft } = await inLobby();
    await call.modify(sdp);
    expect(peer.state.held).toBe(true);
    await call.modify(memorySdp(4_000, 'sendrecv', 3));
    expect(peer.state.held).toBe(false);
    await call.bye();
    await nothingLeft();
  });

  test('is refused with 488 for an offer without sound, and stays as it was', async () => {
    const { call, leg, nothingLeft } = await inLobby();
    await expect(call.modify(memorySdp(0))).rejects.toMatchObject({ status: 488 });
    expect(leg.taken).toHaveLength(1);
    expect(call.up).toBe(true);
    await call.bye();
    await nothingLeft();
  });

  test('is offered a session where it offers none, and its answer is taken', async () => {
    const { call, leg, nothingLeft } = await inLobby();
    await call.modify(() => memorySdp(4_444));
    await eventually(() => leg.taken.includes(memorySdp(4_444)), 'the answer');
    await call.bye();
    await nothingLeft();
  });

  test.each([
    ['application/dtmf-relay', 'Signal=7\r\nDuration=160\r\n'],
    ['application/dtmf', '7'],
  ])('tells digits by INFO in %s', async (type, body) => {
    const { call, peer, nothingLeft } = await inLobby();
    await call.request('INFO', { headers: { 'Content-Type': type }, body });
    await eventually(() => peer.digits.length > 0, 'the digit');
    expect(peer.digits).toEqual(['7']);
    await call.bye();
    await nothingLeft();
  });

  test('that says no digit by INFO is answered, and the call goes on', async () => {
    const { call, peer, nothingLeft } = await inLobby();
    await call.request('INFO', { headers: { 'Content-Type': 'application/media_control+xml' }, body: '<xml/>' });
    expect(peer.digits).toEqual([]);
    expect(call.up).toBe(true);
    await call.bye();
    await nothingLeft();
  });
});

describe('what a room does to a phone', () => {
  test('holds it by a session of its own, and resumes', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    call.serve({ offer: (offer = '') => memorySdp(4_000, offer.includes('sendonly') ? 'recvonly' : 'sendrecv', 9) });
    peer.events.emit('holdWanted', { hold: true });
    await eventually(() => peer.state.held, 'the hold');
    expect([leg.heldByUs, call.remoteSdp.includes('a=sendonly')]).toEqual([true, true]);
    peer.events.emit('holdWanted', { hold: false });
    await eventually(() => !peer.state.held, 'the end of the hold');
    await call.bye();
    await nothingLeft();
  });

  test('holds it by a new offer where the first one crossed an offer of the phone', async () => {
    const { call, peer, leg, clock, nothingLeft } = await inLobby();
    const offers: string[] = [];
    call.serve({
      offer: (offer = '') => {
        offers.push(offer);
        if (offers.length > 1) return memorySdp(4_000, 'recvonly', 9);
        throw new SipFailure('REFUSED', '491', { status: 491, headers: new SipHeaders() });
      },
    });
    peer.events.emit('holdWanted', { hold: true });
    await eventually(() => offers.length === 1, 'the offer');
    await call.modify(memorySdp(4_002, 'sendrecv', 2));
    await eventually(() => {
      clock.advance(100);
      return peer.state.held;
    }, 'the hold');
    expect([leg.heldByUs, call.remoteSdp.includes('a=sendonly')]).toEqual([true, true]);
    const versions = offers.map((sdp) => Number(/^o=- 1 (\d+)/m.exec(sdp)?.[1]));
    // The answer to the phone's offer stands between them.
    expect((versions[1] ?? 0) - (versions[0] ?? 0)).toBeGreaterThan(1);
    await call.bye();
    await nothingLeft();
  });

  test('lets it go on where that was wanted before it was on hold', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    const offers: string[] = [];
    call.serve({
      offer: (offer = '') => {
        offers.push(offer.includes('sendonly') ? 'hold' : 'resume');
        return memorySdp(4_000, offer.includes('sendonly') ? 'recvonly' : 'sendrecv', 9);
      },
    });
    peer.events.emit('holdWanted', { hold: true });
    await eventually(() => offers.length === 1, 'the offer');
    peer.events.emit('holdWanted', { hold: false });
    await eventually(() => offers.length === 2, 'the next offer');
    await eventually(() => !leg.heldByUs, 'that it goes on');
    expect([offers, peer.state.held]).toEqual([['hold', 'resume'], false]);
    await call.bye();
    await nothingLeft();
  });

  test('shows it as it is where the phone refuses to be held', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    let refused = 0;
    call.serve({
      offer: () => {
        refused += 1;
        throw new Error('no');
      },
    });
    peer.events.emit('holdWanted', { hold: true });
    await eventually(() => refused === 1, 'the offer');
    expect([leg.heldByUs, peer.state.held, call.up]).toEqual([false, false, true]);
    await call.bye();
    await nothingLeft();
  });

  test('mutes it, sets its volume and sends it digits', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    peer.events.emit('muteWanted', { muted: true });
    expect([leg.muted, peer.state.muted]).toEqual([true, true]);
    peer.events.emit('volumeWanted', { db: -6 });
    peer.events.emit('digitsWanted', { digits: '12#', durationMs: 100 });
    expect([leg.volumeDb, leg.sentDigits]).toEqual([-6, ['12#']]);
    await call.bye();
    await nothingLeft();
  });

  test('hangs it up with the reason when a moderator removes it', async () => {
    const { call, peer, nothingLeft } = await inLobby();
    peer.left = true;
    peer.events.emit('left', { reason: 'removed' });
    expect(await call.ended).toEqual({ by: 'them', reason: 'a moderator removed this phone' });
    await nothingLeft();
  });
});

describe('a phone that is lost', () => {
  test('without a BYE is hung up when nothing was heard of it for long, and leaves as lost', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    leg.events.emit('silent', {});
    expect(await call.ended).toEqual({ by: 'them', reason: 'no media came' });
    await eventually(() => peer.left, 'that it left');
    expect(peer.leftAs).toBe('no-media');
    await nothingLeft();
  });

  test('with the thread of its media is hung up', async () => {
    const { call, peer, leg, nothingLeft } = await inLobby();
    leg.events.emit('closed', {});
    expect(await call.ended).toEqual({ by: 'them', reason: 'its media was lost' });
    await eventually(() => peer.leftAs === 'media-lost', 'that it left');
    await nothingLeft();
  });

  test('with the connection to the agent leaves its room with its figures', async () => {
    const { peer, facade, media } = await inLobby();
    await facade.facade.close();
    await eventually(() => peer.left, 'that it left');
    expect([peer.leftAs, peer.quality?.mos]).toEqual(['lost', 4.2]);
    expect(media.legs.size).toBe(0);
  });

  test('with the server is told so, and leaves as the room is told', async () => {
    const { bridge, call, peer, nothingLeft } = await inLobby();
    await bridge.close();
    expect(await call.ended).toEqual({ by: 'them', reason: 'the server is stopping' });
    expect(peer.leftAs).toBe('closed');
    await nothingLeft();
  });
});
