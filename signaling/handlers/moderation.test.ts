import { describe, expect, test } from 'vitest';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'standup';
const joinModerator = (t: TestSignaling, identity = 'mod') => t.join({ identity, can: ['join', 'chat', 'moderate'] });

async function peerIdOf(client: TestClient, identity: string): Promise<string> {
  const { peers } = await client.call('room.listPeers', { room, pageToken: '0' });
  return peers.find((peer) => peer.identity === identity)!.peerId;
}

describe('moderation.removePeer', () => {
  test('without the grant fails with GRANT_MISSING', async () => {
    const t = startSignaling();
    const [ada] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'bob' })];
    const error = await ada.refusal('moderation.removePeer', { room, peerId: await peerIdOf(ada, 'bob') });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant: 'moderate' }]);
  });

  test('of a peer that is not in this room fails with PEER_NOT_FOUND', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    const elsewhere = await t.connect({ identity: 'ada' });
    const { peerId } = await elsewhere.call('room.join', { room: 'elsewhere' });
    for (const id of [peerId, 'p_none']) {
      const error = await mod.refusal('moderation.removePeer', { room, peerId: id });
      expect([error.reason, error.details]).toEqual(['PEER_NOT_FOUND', { peerId: id }]);
    }
  });

  test('of oneself, or of another peer of one’s own, fails with CANNOT_REMOVE_SELF', async () => {
    const t = startSignaling();
    const mod = await t.connect({ identity: 'mod', can: ['join', 'moderate'] });
    const { peerId } = await mod.call('room.join', { room });
    await joinModerator(t);
    for (const own of [peerId, await peerIdOf(mod, 'mod')]) {
      expect((await mod.refusal('moderation.removePeer', { room, peerId: own })).reason).toBe('CANNOT_REMOVE_SELF');
    }
  });

  test('takes out all peers of that identity, tells them why, and the others that they are gone', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    const eves = [await t.join({ identity: 'eve' }), await t.join({ identity: 'eve' })];
    const bob = await t.join({ identity: 'bob' });
    for (const { link } of [...eves, bob, mod]) link.take();
    const peerId = await peerIdOf(mod, 'eve');
    const answer = await mod.call('moderation.removePeer', { room, peerId, explanation: 'Enough.' });
    expect(answer).toEqual({ identity: 'eve' });
    await t.turns.end();
    for (const { link } of eves) {
      expect(link.of('roomLeft')).toEqual([{ room, reason: 'removed', explanation: 'Enough.' }]);
      expect(link.of('logRecords')).toMatchObject([{ records: [{ kind: 'banned', identity: 'mod', subject: 'eve' }] }]);
      expect(link.closedWith).toBeUndefined();
    }
    for (const { link } of [bob, mod]) {
      expect(link.of('peersLeft')).toMatchObject([
        {
          peers: [
            { name: 'eve', reason: 'removed' },
            { name: 'eve', reason: 'removed' },
          ],
          peerCount: 2,
        },
      ]);
    }
  });

  test('takes out a moderator too', async () => {
    const t = startSignaling();
    const [mod] = [await joinModerator(t), await joinModerator(t, 'rogue')];
    await mod.call('moderation.removePeer', { room, peerId: await peerIdOf(mod, 'rogue') });
    const rogue = await t.connect({ identity: 'rogue', can: ['join', 'moderate'] });
    expect((await rogue.refusal('room.join', { room })).reason).toBe('IDENTITY_REMOVED');
  });

  test('keeps the identity out of this room alone, even when the room closed meanwhile', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    const eve = await t.join({ identity: 'eve' });
    await mod.call('moderation.removePeer', { room, peerId: await peerIdOf(mod, 'eve') });
    const error = await eve.refusal('room.join', { room });
    expect([error.reason, error.message]).toEqual([
      'IDENTITY_REMOVED',
      'A moderator removed you from the room standup.',
    ]);
    await eve.call('room.join', { room: 'elsewhere' });
    await mod.call('room.leave', { room });
    t.clock.advance(t.options.rooms.idleTimeoutMs);
    expect(t.media.room(room).closed).toBe(true);
    expect((await eve.refusal('room.join', { room })).reason).toBe('IDENTITY_REMOVED');
  });
});

describe('moderation.allowIdentity', () => {
  test('of somebody who was not removed says so', async () => {
    const mod = await joinModerator(startSignaling());
    expect(await mod.call('moderation.allowIdentity', { room, identity: 'ada' })).toEqual({ wasRemoved: false });
  });

  test('lets the identity join again', async () => {
    const t = startSignaling();
    const mod = await joinModerator(t);
    const eve = await t.join({ identity: 'eve' });
    await mod.call('moderation.removePeer', { room, peerId: await peerIdOf(mod, 'eve') });
    expect(await mod.call('moderation.listRemoved', { room })).toEqual({
      identities: ['eve'],
      restrictions: [{ identity: 'eve', kind: 'banned' }],
    });
    expect(await mod.call('moderation.allowIdentity', { room, identity: 'eve' })).toEqual({ wasRemoved: true });
    expect(await mod.call('moderation.listRemoved', { room })).toEqual({ identities: [], restrictions: [] });
    await eve.call('room.join', { room });
  });
});

describe('moderation.muteProducer', () => {
  async function withProducer(t: TestSignaling) {
    const mod = await joinModerator(t);
    const ada = await t.join({ identity: 'ada' });
    const produce = async (client: TestClient, source = 'microphone') => {
      const { transportId } = await client.call('media.createTransport', { room, direction: 'send' });
      const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
      const track = { kind: 'audio', source: source as 'microphone', rtpParameters } as const;
      return client.call('media.produce', { room, transportId, ...track });
    };
    return { mod, ada, produce, producerId: (await produce(ada)).producerId };
  }

  test('of a producer that there is not fails with PRODUCER_NOT_FOUND', async () => {
    const mod = await joinModerator(startSignaling());
    const error = await mod.refusal('moderation.muteProducer', { room, producerId: 'none', muted: true });
    expect(error.reason).toBe('PRODUCER_NOT_FOUND');
  });

  test('with lock keeps the owner from resuming until a moderator lifts it', async () => {
    const t = startSignaling();
    const { mod, ada, producerId } = await withProducer(t);
    await mod.call('moderation.muteProducer', { room, producerId, muted: true, lock: true });
    for (const { link } of [ada, mod]) {
      const [changed] = link.of('producerChanged');
      expect(changed?.producer).toMatchObject({ producerId, paused: true, muted: true, locked: true });
    }
    expect((await ada.refusal('media.resumeProducer', { room, producerId })).reason).toBe('PRODUCER_LOCKED');
    await mod.call('moderation.muteProducer', { room, producerId, muted: false });
    await ada.call('media.resumeProducer', { room, producerId });
  });

  test('with lock holds for the identity after it left and joined again, from another session and as screen-audio', async () => {
    const t = startSignaling();
    const { mod, ada, produce, producerId } = await withProducer(t);
    await mod.call('moderation.muteProducer', { room, producerId, muted: true, lock: true });
    await ada.call('room.leave', { room });
    await ada.call('room.join', { room });
    const another = await t.join({ identity: 'ada' });
    const bob = await t.join({ identity: 'bob' });
    mod.link.take();
    const { producerId: again, ...mute } = await produce(ada);
    expect(mute).toEqual({ muted: true, locked: true });
    await produce(another, 'screen-audio');
    expect(await produce(bob)).toMatchObject({ muted: false, locked: false });
    expect(mod.link.of('producerAdded').map(({ producer }) => producer.locked)).toEqual([true, true, false]);
    expect((await ada.refusal('media.resumeProducer', { room, producerId: again })).reason).toBe('PRODUCER_LOCKED');

    await mod.call('moderation.muteProducer', { room, producerId: again, muted: false });
    expect(mod.link.of('producerChanged').map(({ producer }) => producer.locked)).toEqual([false, false]);
  });
});
