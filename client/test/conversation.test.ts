import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { protobufCodec } from '../src/codec/protobuf.ts';
import type { Codec, Room } from '../src/index.ts';
import { counters, grows, remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack, createToneTrack } from './tracks.ts';

function collectTexts(room: Room): string[] {
  const texts: string[] = [];
  room.chat.on('records', ({ records }) => texts.push(...records.flatMap(({ message }) => message?.text ?? [])));
  return texts;
}

describe.skipIf(!requireOrSkip('mediasoup'))('two clients of one server', () => {
  it.each<[string, Codec | undefined]>([
    ['JSON', undefined],
    ['protobuf', protobufCodec],
  ])('see, hear and write to each other over %s', async (_name, codec) => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada', name: 'Ada' }, codec ? { codec } : {});
    const bob = await real.join({ identity: 'bob', name: 'Bob' });
    await eventually(() => ada.room.peers.size === 1, 'Bob in Ada’s roster');
    expect([...ada.room.peers.values()]).toMatchObject([{ identity: 'bob', name: 'Bob', kind: 'client' }]);
    expect([ada.room.peerCount, bob.room.peerCount]).toEqual([2, 2]);
    expect(ada.client.identity).toBe('ada');

    const heard = [collectTexts(ada.room), collectTexts(bob.room)];
    const sent = ['hello', 'hello yourself — ¡qué tal! 👋'] as const;
    await ada.room.chat.send(sent[0]).sent;
    await bob.room.chat.send(sent[1]).sent;
    await eventually(() => heard.every((texts) => texts.length === 2), 'both messages on both sides');
    expect(heard).toEqual([sent, sent]);

    using tones = createToneTrack();
    using pictures = createPictureTrack();
    await ada.room.publish(tones.track, { source: 'microphone' });
    const camera = await ada.room.publish(pictures.track, { source: 'camera' });
    using answer = createToneTrack({ frequencyHz: 880 });
    await bob.room.publish(answer.track, { source: 'microphone' });

    await grows(await remoteTrack(bob.room, 'camera'), 'framesDecoded');
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
    await grows(camera, 'bytesSent');
    await eventually(() => [ada, bob].every(({ room }) => room.mediaState === 'connected'), 'connected media');
    await eventually(() => ada.room.activeSpeaker !== undefined, 'somebody speaking');
    expect(await ada.client.ping()).toBeGreaterThan(0);
  });

  it('pausing, replacing and closing a track reach the other one', async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    using silence = createToneTrack({ level: 0 });
    const microphone = await ada.room.publish(silence.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await microphone.pause();
    await eventually(() => heard.paused, 'the pause at Bob’s');
    await microphone.resume();
    await eventually(() => !heard.paused, 'the resuming at Bob’s');
    const before = (await counters(heard)).totalAudioEnergy;
    await microphone.replace(tone.track);
    await eventually(async () => (await counters(heard)).totalAudioEnergy > before + 0.01, 'the tone at Bob’s', 30_000);
    await microphone.close();
    await eventually(() => bob.room.remoteTracks.size === 0, 'the end at Bob’s');
    expect(tone.track.readyState).toBe('live');
  });

  it('moderators mute and lock, and what is locked stays silent', async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    const mod = await real.join({ identity: 'mod', can: ['join', 'subscribe', 'moderate'] });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(mod.room, 'microphone');
    await mod.room.muteProducer(heard.producerId, { muted: true });
    await eventually(() => microphone.muted && heard.paused, 'the mute');
    expect(tone.track.enabled).toBe(false);
    await microphone.resume();
    await eventually(() => !heard.paused, 'the owner’s resuming');

    await mod.room.muteProducer(heard.producerId, { muted: true, lock: true });
    await eventually(() => microphone.locked, 'the lock');
    await expect(microphone.resume()).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
    await mod.room.muteProducer(heard.producerId, { muted: false });
    await eventually(() => !microphone.muted && !heard.paused, 'the release');
    expect(tone.track.enabled).toBe(true);
    await grows(heard, 'totalAudioEnergy');
    await expect(ada.room.muteProducer(heard.producerId, { muted: true })).rejects.toMatchObject({
      reason: 'GRANT_MISSING',
      details: { grant: 'moderate' },
    });
  });

  it('whoever is removed is told why, and stays out until allowed', async () => {
    await using real = await startRealRoom();
    const eve = await real.join({ identity: 'eve' });
    const mod = await real.join({ identity: 'mod', can: ['join', 'moderate'] });
    const left = new Promise((resolve) => eve.room.on('left', resolve));
    await mod.room.removePeer(eve.room.peerId, 'be nice');
    expect(await left).toEqual({ reason: 'removed', explanation: 'be nice' });
    await eventually(() => mod.room.peerCount === 1, 'an emptier room');
    await expect(eve.client.join('standup')).rejects.toMatchObject({ reason: 'IDENTITY_REMOVED' });
    expect(await mod.room.listRemoved()).toEqual(['eve']);
    await mod.room.allowIdentity('eve');
    expect((await eve.client.join('standup')).peerCount).toBe(2);
  });

  it('a full room refuses with ROOM_FULL and its limit', async () => {
    await using real = await startRealRoom({ rooms: { maxPeers: 1 } });
    await real.join({ identity: 'ada' });
    await expect(real.join({ identity: 'bob' })).rejects.toMatchObject({
      reason: 'ROOM_FULL',
      details: { limit: '1' },
    });
  });

  it('a token without the grant refuses publishing, and nothing is received without the other', async () => {
    await using real = await startRealRoom();
    const listener = await real.join({ identity: 'listener', can: ['join', 'subscribe'] });
    const speaker = await real.join({ identity: 'speaker', can: ['join', 'publish:audio'] });
    using tone = createToneTrack();
    await expect(listener.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'GRANT_MISSING',
    });
    await speaker.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(listener.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    await expect(speaker.room.subscribe(heard.producerId)).rejects.toMatchObject({ reason: 'PRODUCER_NOT_FOUND' });
  });

  it('a client of the plain chat and a client of the SDK write to each other', async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada', name: 'Ada' });
    const messages: { text: string | undefined; name: string }[] = [];
    ada.room.chat.on('records', ({ records }) => {
      for (const { kind, message, name } of records)
        if (kind === 'message') messages.push({ text: message?.text, name });
    });
    const plain = new WebSocket(`${real.server.chatUrl}?room=standup&user=Dart`);
    const frames: { type: string; content?: string; user?: string }[] = [];
    plain.on('message', (data) => frames.push(JSON.parse(String(data))));
    await eventually(() => ada.room.peers.size === 1, 'the plain client in the roster');
    expect([...ada.room.peers.values()]).toMatchObject([{ name: 'Dart', kind: 'chat' }]);

    plain.send('{"type":"message","content":"hi from afar","user":"Dart"}');
    await eventually(() => messages.length === 1, 'the message at Ada’s');
    expect(messages[0]).toEqual({ text: 'hi from afar', name: 'Dart' });
    await ada.room.chat.send('hi Dart').sent;
    const answer = () => frames.find(({ content }) => content === 'hi Dart');
    expect(await eventually(answer, 'the answer at the plain client’s')).toMatchObject({
      type: 'message',
      user: 'Ada',
    });
    plain.close();
    await eventually(() => ada.room.peers.size === 0, 'the leaving');
  });
});
