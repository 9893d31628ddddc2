import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { tagOf } from '../agent/messages/parse-name-addr.ts';
import { openBridge, openPhone, refusalOf } from './testing/bridge-stage.ts';

const plan = `
realm: example.org
users:
  - { identity: ann, password: secret, numbers: ['100'] }
  - { identity: ben, password: secret, numbers: ['101'] }
  - { identity: cy, password: secret, numbers: ['102'] }
rules:
  - { name: cy, when: { called: '102' }, user: cy }
`;

async function open() {
  const server = await openBridge(plan);
  const phone = await openPhone('ann');
  const place = (user: string, headers = {}) =>
    phone.calls(`sip:102@127.0.0.1:${server.port}`, {
      credentials: { user, password: 'secret' },
      headers: { From: `<sip:${user}@127.0.0.1>`, ...headers },
    });
  return {
    ...server,
    place,
    /** Ann is in a call, which others name so (RFC 3891). */
    async inCall() {
      let toTag: string | undefined;
      const placed = place('ann');
      placed.events.on('progress', ({ answer }) => {
        toTag = tagOf(answer.headers.get('To'));
      });
      const rung = await eventually(() => server.desk.calls[0], 'the call');
      rung.told.ringing();
      await eventually(() => toTag, 'that it rings');
      rung.accept();
      const call = await placed.answered;
      const peer = await eventually(() => server.desk.peers[0], 'the peer');
      return { call, peer, Replaces: call.id.replace(';', `;to-tag=${toTag};`) };
    },
    async nothingLeft() {
      await server.nothingLeft();
      await phone.facade.nothingLeft();
    },
  };
}

test('a call goes on as the peer that another one of the same user was, and that one is hung up', async () => {
  const { inCall, place, desk, nothingLeft } = await open();
  const { call, peer, Replaces } = await inCall();
  await eventually(() => peer.state.codec, 'that it is in the room');
  const taken = await place('ann', { Replaces }).answered;
  expect(await call.ended).toEqual({ by: 'them', reason: 'another call took its place' });
  expect([desk.peers.length, peer.left]).toEqual([1, false]);
  await taken.bye();
  await nothingLeft();
});

test('a call whose place is taken before it is in its room keeps its hands off whom it was', async () => {
  const { inCall, place, media, nothingLeft } = await open();
  let goIn = () => {};
  media.entering = new Promise<void>((resolve) => {
    goIn = resolve;
  });
  const { call, peer, Replaces } = await inCall();
  const taken = await place('ann', { Replaces }).answered;
  expect(await call.ended).toEqual({ by: 'them', reason: 'another call took its place' });
  goIn();
  const leg = await eventually(() => [...media.legs].find(({ room }) => room === peer.media), 'that it is in the room');
  await eventually(() => peer.state.codec, 'that the room is told');
  expect([peer.left, taken.up, media.legs.size]).toEqual([false, true, 1]);
  peer.events.emit('volumeWanted', { db: -6 });
  expect(leg.volumeDb).toBe(-6);
  peer.left = true;
  peer.events.emit('left', { reason: 'removed' });
  expect(await taken.ended).toEqual({ by: 'them', reason: 'a moderator removed this phone' });
  await nothingLeft();
});

test('a call of somebody else keeps its place', async () => {
  const { inCall, place, nothingLeft } = await open();
  const { call, peer, Replaces } = await inCall();
  await eventually(() => peer.state.codec, 'that it is in the room');
  expect(await refusalOf(place('ben', { Replaces }))).toMatch(/^403/);
  expect([call.up, peer.left]).toEqual([true, false]);
  await call.bye();
  await nothingLeft();
});
