import { describe, expect, it } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { collect } from '../../test/in-room.ts';
import { transportResponse } from '../../test/media-answers.ts';
import { startMediaRoom } from '../../test/media-room.ts';
import { routerCapabilities } from '../../test/router-capabilities.ts';
import { connectResponse, Refusal, silence } from '../../test/scripted-server.ts';
import { producerInfo, roomSnapshot } from '../../test/snapshots.ts';
import { createPictureTrack, createToneTrack } from '../../test/tracks.ts';

const room = 'standup';

describe('publish()', () => {
  it('makes one transport and sends a producer for each source', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    using picture = createPictureTrack();
    const [microphone, camera] = await Promise.all([
      test.room.publish(tone.track, { source: 'microphone' }),
      test.room.publish(picture.track, { source: 'camera', paused: true }),
    ]);
    expect(test.connection.called('media.createTransport')).toHaveLength(1);
    expect(test.connection.called('media.connectTransport')).toHaveLength(1);
    const produced = test.connection.called('media.produce').map(({ params }) => params);
    expect(produced).toMatchObject([
      { transportId: 't0', kind: 'audio', source: 'microphone', paused: false },
      { transportId: 't0', kind: 'video', source: 'camera', paused: true },
    ]);
    expect([microphone.producerId, camera.producerId]).toEqual(['p0', 'p1']);
    expect([tone.track.enabled, picture.track.enabled]).toEqual([true, false]);
    expect([...test.room.localTracks.keys()]).toEqual(['microphone', 'camera']);
    expect(test.room.mediaState).toBe('connecting');
  });

  it('of a source that is published already replaces its track', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    using other = createToneTrack();
    const first = await test.room.publish(tone.track, { source: 'microphone' });
    const second = await test.room.publish(other.track, { source: 'microphone', paused: true });
    expect(second).toBe(first);
    expect(second.track).toBe(other.track);
    expect(test.connection.called('media.produce')).toHaveLength(1);
    expect(test.connection.called('media.pauseProducer')).toHaveLength(1);
  });

  it('of a locked source sends another track, and leaves it locked', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    using other = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone', paused: true });
    const locked = producerInfo('p0', { paused: true, muted: true, locked: true });
    test.connection.event('producerChanged', { room, peerId: 'me', producer: locked });
    await eventually(() => track.locked, 'the lock');
    await test.room.publish(other.track, { source: 'microphone' });
    expect([track.track, other.track.enabled, tone.track.enabled]).toEqual([other.track, false, true]);
    expect(test.connection.called('media.resumeProducer')).toHaveLength(0);
  });

  it('encodes voices with silence suppression and error correction, and pictures within a bound', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    using picture = createPictureTrack({ width: 1280, height: 720 });
    await test.room.publish(tone.track, { source: 'microphone' });
    await test.room.publish(picture.track, { source: 'camera' });
    const [voice, camera] = test.connection.called('media.produce').map(({ params }) => params['rtpParameters']);
    expect(voice).toMatchObject({ codecs: [{ mimeType: 'audio/opus', parameters: { usedtx: 1, useinbandfec: 1 } }] });
    expect(camera).toMatchObject({
      codecs: [{ mimeType: 'video/VP8' }, {}],
      encodings: [{ rid: 'r0', scaleResolutionDownBy: 4 }, { rid: 'r1' }, { rid: 'r2', maxBitrate: 1_500_000 }],
    });
  });

  it('encodes as the application says, where it does', async () => {
    await using test = await startMediaRoom();
    using picture = createPictureTrack();
    const encodings = [{ maxBitrate: 100_000, scaleResolutionDownBy: 2 }, { maxBitrate: 400_000 }];
    await test.room.publish(picture.track, { source: 'camera', encodings });
    expect((await test.server.call(0, 'media.produce')).params['rtpParameters']).toMatchObject({
      encodings: [
        { rid: 'r0', maxBitrate: 100_000, scaleResolutionDownBy: 2 },
        { rid: 'r1', maxBitrate: 400_000 },
      ],
    });
  });

  it('that the server refuses fails, and leaves nothing behind', async () => {
    await using test = await startMediaRoom({ 'media.produce': () => new Refusal('GRANT_MISSING') });
    const failed = collect(test.room, 'localTrackFailed');
    using tone = createToneTrack();
    await expect(test.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'GRANT_MISSING',
    });
    expect(test.room.localTracks.size).toBe(0);
    expect(tone.track.readyState).toBe('live');
    // Whoever called publish() knows already.
    expect(failed).toEqual([]);
    expect(test.room.mediaState).toBe('idle');
  });

  it('of a track that has ended fails with TRACK_ENDED', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    tone.track.stop();
    await expect(test.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'TRACK_ENDED',
    });
  });

  it('is tried again while the server has no media, and fails with MEDIA_TIMEOUT when that takes too long', async () => {
    let tries = 0;
    await using patient = await startMediaRoom({
      'media.createTransport': () => (++tries < 4 ? new Refusal('MEDIA_UNAVAILABLE') : transportResponse('late')),
    });
    using tone = createToneTrack();
    expect((await patient.room.publish(tone.track, { source: 'microphone' })).producerId).toBe('p0');
    await using hurried = await startMediaRoom(
      { 'media.createTransport': () => new Refusal('MEDIA_UNAVAILABLE') },
      { timing: { mediaTimeoutMs: 50 } },
    );
    await expect(hurried.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'MEDIA_TIMEOUT',
    });
    expect(hurried.room.localTracks.size).toBe(0);
  });
});

describe('a local track', () => {
  it('pause() and resume() act at once here and are told to the server', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    const pausing = track.pause();
    expect(tone.track.enabled).toBe(false);
    await pausing;
    await track.resume();
    expect(tone.track.enabled).toBe(true);
    const told = test.connection.calls
      .filter(({ params }) => params['producerId'] === 'p0')
      .map(({ method }) => method);
    expect(told).toEqual(['media.pauseProducer', 'media.resumeProducer']);
  });

  it('pausing back and forth while the server is slow ends with the last word', async () => {
    await using test = await startMediaRoom({
      'media.pauseProducer': async () => {
        await eventually(() => wentOn, 'going on');
        return {};
      },
    });
    let wentOn = false;
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    const pausing = track.pause();
    await test.server.call(0, 'media.pauseProducer');
    const words = [pausing, track.resume(), track.pause(), track.resume()];
    wentOn = true;
    await Promise.all(words);
    const told = test.connection.calls
      .filter(({ params }) => params['producerId'] === 'p0')
      .map(({ method }) => method);
    expect(told).toEqual(['media.pauseProducer', 'media.resumeProducer']);
    expect([track.paused, tone.track.enabled]).toEqual([false, true]);
  });

  it('a track that the application turned off stays off', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    tone.track.enabled = false;
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    await track.pause();
    await track.resume();
    expect(tone.track.enabled).toBe(false);
  });

  it('muted by a moderator it is silent, and resume() asks the server', async () => {
    await using test = await startMediaRoom();
    const changed = collect(test.room, 'localTrackChanged');
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    changed.length = 0;
    const info = producerInfo('p0', { paused: true, muted: true });
    test.connection.event('producerChanged', { room, peerId: 'me', producer: info });
    await eventually(() => track.muted, 'the mute');
    expect([tone.track.enabled, track.paused, changed.length]).toEqual([false, false, 1]);
    await track.resume();
    expect(test.connection.called('media.resumeProducer')).toHaveLength(1);
    expect([track.muted, tone.track.enabled]).toEqual([false, true]);
  });

  it('locked by a moderator it cannot be resumed, also when it is published again', async () => {
    let locked = false;
    await using test = await startMediaRoom({
      'media.produce': () => ({ producerId: locked ? 'p1' : 'p0', muted: locked, locked }),
    });
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    const info = producerInfo('p0', { paused: true, muted: true, locked: true });
    test.connection.event('producerChanged', { room, peerId: 'me', producer: info });
    await eventually(() => track.locked, 'the lock');
    locked = true;
    await expect(track.resume()).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
    expect(test.connection.called('media.resumeProducer')).toHaveLength(0);
    await track.close();
    const again = await test.room.publish(tone.track, { source: 'microphone' });
    expect([again.muted, again.locked, tone.track.enabled]).toEqual([true, true, false]);
    test.connection.event('producerChanged', { room, peerId: 'me', producer: producerInfo('p1') });
    await eventually(() => !again.muted, 'the release');
    expect(tone.track.enabled).toBe(true);
  });

  it('locked before the page knew of it, it is silent as soon as it is published', async () => {
    await using test = await startMediaRoom({
      'media.produce': () => ({ producerId: 'p0', muted: true, locked: true }),
    });
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    expect([track.muted, track.locked, tone.track.enabled]).toEqual([true, true, false]);
  });

  it('resume() that meets a fresh lock fails and stays silent', async () => {
    await using test = await startMediaRoom({ 'media.resumeProducer': () => new Refusal('PRODUCER_LOCKED') });
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    await track.pause();
    await expect(track.resume()).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
    expect([track.paused, track.locked, tone.track.enabled]).toEqual([true, true, false]);
  });

  it('close() while it is being produced closes the producer as soon as there is one', async () => {
    await using test = await startMediaRoom({ 'media.produce': () => silence });
    using tone = createToneTrack();
    const publishing = test.room.publish(tone.track, { source: 'microphone' });
    const produce = await test.server.call(0, 'media.produce');
    await test.room.localTracks.get('microphone')?.close();
    await expect(publishing).rejects.toMatchObject({ reason: 'TRACK_CLOSED' });
    test.connection.answer(produce, { producerId: 'late' });
    expect((await test.server.call(0, 'media.closeProducer')).params).toEqual({ room, producerId: 'late' });
  });

  it('a track that ends by itself is closed and reported', async () => {
    await using test = await startMediaRoom();
    const failed = collect(test.room, 'localTrackFailed');
    using tone = createToneTrack();
    await test.room.publish(tone.track, { source: 'microphone' });
    // What a browser does when a device is unplugged.
    tone.track.dispatchEvent(new Event('ended'));
    await eventually(() => failed.length > 0, 'the report');
    expect(failed).toMatchObject([{ track: { source: 'microphone' }, error: { reason: 'TRACK_ENDED' } }]);
    expect(test.room.localTracks.size).toBe(0);
    expect((await test.server.call(0, 'media.closeProducer')).params).toEqual({ room, producerId: 'p0' });
  });
});

describe('when media starts over', () => {
  it('a reset makes another transport and sends everything again', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    const seen: (string | undefined)[] = [];
    test.room.on('localTrackChanged', ({ producerId }) => seen.push(producerId));
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    await eventually(() => track.producerId === 'p1', 'the second producer');
    expect(seen).toEqual([undefined, 'p1']);
    expect(test.connection.called('media.produce').map(({ params }) => params['transportId'])).toEqual(['t0', 't1']);
  });

  it('a reset that is told twice, or late, does nothing', async () => {
    await using test = await startMediaRoom({}, { snapshot: roomSnapshot({ mediaEpoch: 5 }) });
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    for (const mediaEpoch of [4, 5]) {
      test.connection.event('mediaReset', { room, mediaEpoch, routerRtpCapabilities: routerCapabilities, peerIds: [] });
    }
    await test.client.ping();
    expect(track.producerId).toBe('p0');
    expect(test.connection.called('media.createTransport')).toHaveLength(1);
  });

  it('a reset in the middle of producing drops the late answer', async () => {
    await using test = await startMediaRoom({
      'media.produce': ({ transportId }) => (transportId === 't0' ? silence : { producerId: 'second' }),
    });
    using tone = createToneTrack();
    const publishing = test.room.publish(tone.track, { source: 'microphone' });
    const first = await test.server.call(0, 'media.produce');
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    test.connection.answer(first, { producerId: 'first' });
    expect((await publishing).producerId).toBe('second');
  });

  it('a reset in the middle of asking for a transport drops the late answer', async () => {
    let asked = 0;
    await using test = await startMediaRoom({
      'media.createTransport': () => (asked++ === 0 ? silence : transportResponse('second')),
    });
    using tone = createToneTrack();
    const publishing = test.room.publish(tone.track, { source: 'microphone' });
    const first = await test.server.call(0, 'media.createTransport');
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    test.connection.answer(first, transportResponse('first'));
    await publishing;
    expect(test.connection.called('media.produce').map(({ params }) => params['transportId'])).toEqual(['second']);
  });

  it('resets that come faster than transports end with one of each', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    for (let mediaEpoch = 2; mediaEpoch < 12; mediaEpoch += 1) {
      test.connection.event('mediaReset', { room, mediaEpoch, routerRtpCapabilities: routerCapabilities, peerIds: [] });
      await test.client.ping();
    }
    const last = await eventually(() => track.producerId, 'the last producer');
    await test.client.ping();
    const created = test.connection.called('media.createTransport').length;
    expect(test.connection.called('media.produce').at(-1)?.params['transportId']).toBe(`t${created - 1}`);
    expect(track.producerId).toBe(last);
  });

  it('a transport that the server closed is replaced, one of earlier is not', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.connection.event('transportClosed', { room, transportId: 't0' });
    await eventually(() => track.producerId === 'p1', 'the second producer');
    test.connection.event('transportClosed', { room, transportId: 't0' });
    await test.client.ping();
    expect(track.producerId).toBe('p1');
  });

  it('a producer that the server closed is produced again on the same transport', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.connection.event('producerClosed', { room, peerId: 'me', producerId: 'p0' });
    await eventually(() => track.producerId === 'p1', 'the second producer');
    expect(test.connection.called('media.createTransport')).toHaveLength(1);
  });

  it('a transport that the server does not know is replaced', async () => {
    await using test = await startMediaRoom({
      'media.produce': ({ transportId }) =>
        transportId === 't0' ? new Refusal('TRANSPORT_NOT_FOUND') : { producerId: 'second' },
    });
    using tone = createToneTrack();
    expect((await test.room.publish(tone.track, { source: 'microphone' })).producerId).toBe('second');
  });

  it('a transport whose connecting failed is replaced, for its parameters are taken once only', async () => {
    await using test = await startMediaRoom({
      'media.connectTransport': ({ transportId }) => (transportId === 't0' ? new Refusal('INTERNAL') : {}),
    });
    using tone = createToneTrack();
    await test.room.publish(tone.track, { source: 'microphone' });
    expect(test.connection.called('media.produce').map(({ params }) => params['transportId'])).toEqual(['t1']);
  });

  it('a track that is replaced while media starts over is the one that is sent', async () => {
    await using test = await startMediaRoom({
      'media.produce': async ({ transportId }) => {
        if (transportId === 't1') await eventually(() => wasReplaced, 'the replacing');
        return { producerId: `of ${transportId}` };
      },
    });
    let wasReplaced = false;
    using tone = createToneTrack();
    using other = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.connection.event('mediaReset', {
      room,
      mediaEpoch: 2,
      routerRtpCapabilities: routerCapabilities,
      peerIds: [],
    });
    await test.server.call(0, 'media.produce', 1);
    const replacing = track.replace(other.track);
    wasReplaced = true;
    await replacing;
    expect([track.producerId, track.track]).toEqual(['of t1', other.track]);
  });
});

describe('when the connection is lost', () => {
  it('and the session goes on, media is not touched', async () => {
    await using test = await startMediaRoom();
    const states = collect(test.room, 'mediaStateChanged');
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    states.length = 0;
    test.snapshot = roomSnapshot({ ownProducers: [producerInfo('p0')] });
    await test.reconnect();
    await test.client.ping();
    expect(track.producerId).toBe('p0');
    expect(states).toEqual([]);
    expect(test.connection.calls.map(({ method }) => method)).toEqual(['session.connect', 'session.ping']);
  });

  it('while producing, the track is produced again and what the lost call made is closed', async () => {
    await using test = await startMediaRoom({
      'media.produce': (_params, { index }) => (index === 0 ? silence : { producerId: 'second' }),
    });
    using tone = createToneTrack();
    const publishing = test.room.publish(tone.track, { source: 'microphone' });
    await test.server.call(0, 'media.produce');
    test.snapshot = roomSnapshot({ ownProducers: [producerInfo('orphan')] });
    await test.reconnect();
    expect((await publishing).producerId).toBe('second');
    expect(test.connection.called('media.closeProducer').map(({ params }) => params['producerId'])).toEqual(['orphan']);
  });

  it('a producer that is gone afterwards is produced again', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.snapshot = roomSnapshot({ ownProducers: [] });
    await test.reconnect();
    await eventually(() => track.producerId === 'p1', 'the second producer');
    expect(test.connection.called('media.createTransport')).toHaveLength(0);
  });

  it('and the worker died meanwhile, everything is made anew', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.snapshot = roomSnapshot({ mediaEpoch: 2 });
    await test.reconnect();
    await eventually(() => track.producerId === 'p1', 'the second producer');
    expect(test.connection.called('media.createTransport')).toHaveLength(1);
  });

  it('and the session too, everything is made anew and moderators have to mute again', async () => {
    await using test = await startMediaRoom({ 'session.connect': () => connectResponse() });
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.connection.event('producerChanged', { room, peerId: 'me', producer: producerInfo('p0', { muted: true }) });
    await eventually(() => track.muted, 'the mute');
    test.snapshot = roomSnapshot({ peerId: 'me again' });
    await test.reconnect();
    await eventually(() => track.producerId === 'p1', 'the second producer');
    expect([track.muted, tone.track.enabled]).toEqual([false, true]);
  });

  it('pause() does not wait for the return, and is told then', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.snapshot = roomSnapshot({ ownProducers: [producerInfo('p0')] });
    test.server.answers['session.connect'] = async () => {
      await eventually(() => wasPaused, 'the pause');
      return connectResponse({ resumed: true, rooms: [test.snapshot] });
    };
    let wasPaused = false;
    test.connection.kill();
    await eventually(() => test.client.state === 'reconnecting', 'the loss');
    await track.pause();
    expect([track.paused, tone.track.enabled]).toEqual([true, false]);
    wasPaused = true;
    expect((await test.server.call(1, 'media.pauseProducer')).params).toEqual({ room, producerId: 'p0' });
  });

  it('close() is made up for afterwards', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    test.snapshot = roomSnapshot({ ownProducers: [producerInfo('p0')] });
    test.server.answers['session.connect'] = async () => {
      await eventually(() => wasClosed, 'the closing');
      return connectResponse({ resumed: true, rooms: [test.snapshot] });
    };
    let wasClosed = false;
    test.connection.kill();
    await eventually(() => test.client.state === 'reconnecting', 'the loss');
    await track.close();
    wasClosed = true;
    expect((await test.server.call(1, 'media.closeProducer')).params).toEqual({ room, producerId: 'p0' });
    expect(test.room.localTracks.size).toBe(0);
  });

  it('leaving the room ends all tracks without stopping the devices', async () => {
    await using test = await startMediaRoom();
    using tone = createToneTrack();
    const track = await test.room.publish(tone.track, { source: 'microphone' });
    await track.pause();
    await test.room.leave();
    expect([tone.track.readyState, tone.track.enabled, test.room.localTracks.size]).toEqual(['live', true, 0]);
    await expect(track.resume()).rejects.toMatchObject({ reason: 'TRACK_CLOSED' });
    await expect(test.room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'NOT_IN_ROOM',
    });
  });
});
