import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startTcpRelay } from '../../test/support/tcp-relay.ts';
import { undisturbed } from '../../test/support/undisturbed.ts';
import { collect } from './in-room.ts';
import { quickTiming } from './quick-timing.ts';
import { grows, remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack, createToneTrack } from './tracks.ts';
import { startUdpRelay } from './udp-relay.ts';

const slow = 60_000;
/** Far less than what a path may be silent for. */
const stallMs = 500;

describe.skipIf(!requireOrSkip('mediasoup')).concurrent('a call goes on', () => {
  // The two that take longest begin first: so many run at once, and the others go by meanwhile.
  it('when a path stays broken: another transport is made, as often as it takes', { timeout: 2 * slow }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    relay.isCut = true;
    await eventually(() => relay.transports === 2, 'the second transport', 15_000);
    relay.isCut = false;
    await grows(await remoteTrack(bob.room, 'microphone', heard), 'totalAudioEnergy');
    await eventually(() => ada.room.mediaState === 'connected', 'the path being back', 30_000);
    // More transports than a peer may have, were the server not told of those that were given up.
    for (let times = 3; times <= 6; times++) {
      relay.isCut = true;
      await eventually(() => relay.transports === times, `transport ${times}`, 15_000);
      relay.isCut = false;
      await eventually(() => ada.room.mediaState === 'connected', 'the path being back', 30_000);
    }
  });

  it('when tokens expire: the session gets fresh ones', { timeout: slow }, async () => {
    await using real = await startRealRoom({ sessions: { tokenWarningMs: 1_000 } });
    const ada = await real.join({ identity: 'ada', ttlSeconds: 3 });
    const states: string[] = [];
    ada.client.on('stateChanged', ({ state, error }) => states.push(`${state}: ${error?.reason}`));
    // The second warning comes after the first token would have ended the session.
    await eventually(() => ada.tokensGiven >= 4, 'the fourth token', 30_000);
    expect(states).toEqual([]);
  });

  it('when a socket is cut: the session is resumed and media never stops', { timeout: slow }, async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { timing: quickTiming });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    const states = [collect(ada.room, 'mediaStateChanged'), collect(bob.room, 'mediaStateChanged')];
    const aways: boolean[] = [];
    bob.room.on('peersChanged', ({ changed }) => aways.push(...changed.map(({ away }) => away)));
    const { peerId, room } = { peerId: ada.room.peerId, room: ada.room };
    const { producerId } = microphone;

    const lost = new Promise<void>((resolve) => {
      ada.client.on('stateChanged', ({ state }) => state === 'reconnecting' && resolve());
    });
    ada.cutConnection();
    await lost;
    // Nobody needs signaling for what flows already.
    await grows(heard, 'totalAudioEnergy');
    await eventually(() => ada.client.state === 'connected', 'the return');
    await eventually(() => aways.length >= 2, 'away and back');
    expect(aways.slice(0, 2)).toEqual([true, false]);
    await bob.room.chat.send('are you there?').sent;
    await room.chat.send('yes').sent;
    expect([room.peerId, microphone.producerId]).toEqual([peerId, producerId]);
    expect(bob.room.remoteTracks.get(producerId ?? '')).toBe(heard);
    await grows(heard, 'totalAudioEnergy');
    expect(states).toEqual([[], []]);
  });

  it('when the worker is killed: everything is sent and received again by itself', { timeout: slow }, async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    using answer = createToneTrack();
    using picture = createPictureTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const camera = await ada.room.publish(picture.track, { source: 'camera' });
    await bob.room.publish(answer.track, { source: 'microphone' });
    const seen = await remoteTrack(bob.room, 'camera');
    const heard = await remoteTrack(ada.room, 'microphone');
    await grows(seen, 'framesDecoded');
    await grows(heard, 'totalAudioEnergy');
    const removed = collect(bob.room, 'trackRemoved');
    const states = collect(ada.room, 'mediaStateChanged');
    const { producerId } = camera;

    process.kill(real.workerPid, 'SIGKILL');
    const seenAgain = await remoteTrack(bob.room, 'camera', seen);
    await grows(seenAgain, 'framesDecoded');
    await grows(await remoteTrack(ada.room, 'microphone', heard), 'totalAudioEnergy');
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    expect(removed).toContain(seen);
    expect(camera.producerId).not.toBe(producerId);
    expect(seenAgain.producerId).toBe(camera.producerId);
    await eventually(() => ada.room.mediaState === 'connected', 'connected media');
    expect(states[0]).toBe('recovering');
    // Nothing of this concerns chat.
    expect(await ada.room.chat.send('still here').sent).toMatchObject({ duplicate: false });
  });

  it('when the worker is killed while the socket is cut', { timeout: slow }, async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { timing: quickTiming });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    process.kill(real.workerPid, 'SIGKILL');
    ada.cutConnection();
    await grows(await remoteTrack(bob.room, 'microphone', heard), 'totalAudioEnergy');
  });

  it('when the session is lost: the room is joined and media made anew', { timeout: slow }, async () => {
    await using real = await startRealRoom({ sessions: { resumeGraceMs: 0 } });
    const ada = await real.join({ identity: 'ada' }, { timing: quickTiming });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    using answer = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    await bob.room.publish(answer.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    const answered = await remoteTrack(ada.room, 'microphone');
    const { peerId } = ada.room;
    ada.cutConnection();
    await eventually(() => ada.room.peerId !== peerId, 'another peer', 30_000);
    await grows(await remoteTrack(bob.room, 'microphone', heard), 'totalAudioEnergy');
    await grows(await remoteTrack(ada.room, 'microphone', answered), 'totalAudioEnergy');
    expect(bob.room.peerCount).toBe(2);
  });

  it('when the worker hangs: the room moves to another one', { timeout: slow }, async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    await eventually(() => ada.room.mediaState === 'connected', 'connected media');
    const { producerId } = microphone;
    process.kill(real.workerPid, 'SIGSTOP');
    const isAnother = () => microphone.producerId !== undefined && microphone.producerId !== producerId;
    await eventually(isAnother, 'the other worker', 40_000);
    await eventually(() => ada.room.mediaState === 'connected', 'connected media again', 30_000);
    await grows(microphone, 'bytesSent');
  });

  it('when the media path is silent for a while: ICE is restarted on the same transport', {
    timeout: slow,
  }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec, timing: { iceGraceMs: 50 } });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    const { producerId } = microphone;
    relay.isCut = true;
    await eventually(() => ada.room.mediaState === 'recovering', 'the silence being noticed', 40_000);
    relay.isCut = false;
    await eventually(() => ada.room.mediaState === 'connected', 'the path being back', 30_000);
    await grows(heard, 'totalAudioEnergy');
    expect([microphone.producerId, relay.transports]).toEqual([producerId, 1]);
  });

  it('when a path is broken from the beginning: ICE is restarted until it is not', { timeout: slow }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    const ada = await real.join(
      { identity: 'ada' },
      { codec: relay.codec, timing: { ...quickTiming, pathTimeoutMs: 50 } },
    );
    using tone = createToneTrack();
    relay.isCut = true;
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    await eventually(() => ada.room.mediaState === 'recovering', 'the failure being noticed');
    // More transports than a peer may have would have been made by then.
    await eventually(() => relay.restarts >= 6, 'six restarts', 30_000);
    relay.isCut = false;
    await eventually(() => ada.room.mediaState === 'connected', 'the path being up', 30_000);
    await grows(microphone, 'bytesSent');
    expect(relay.transports).toBe(1);
  });

  // A machine that stops this process stops the relay in it: that is a longer cut, and takes more.
  it('when the media path is cut for a second: nothing is done', { timeout: 3 * slow }, () =>
    undisturbed(stallMs, async () => {
      await using relay = await startUdpRelay();
      await using real = await startRealRoom();
      const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
      const bob = await real.join({ identity: 'bob' });
      using tone = createToneTrack();
      await ada.room.publish(tone.track, { source: 'microphone' });
      const heard = await remoteTrack(bob.room, 'microphone');
      await grows(heard, 'totalAudioEnergy');
      const states = collect(ada.room, 'mediaStateChanged');
      relay.isCut = true;
      await setTimeout(1_000);
      relay.isCut = false;
      await grows(heard, 'totalAudioEnergy');
      expect([relay.transports, relay.restarts, states]).toEqual([1, 0, []]);
    }),
  );

  it('when the media path is cut for 4 seconds: ICE is restarted, and the transport and its tracks live on', {
    timeout: slow,
  }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    // A process that is stopped between the cut and its end sees a longer one.
    const timing = { rebuildAfterMs: 15_000 };
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec, timing });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    const { producerId } = microphone;
    relay.isCut = true;
    await setTimeout(4_000);
    await eventually(() => relay.restarts > 0, 'the silence being noticed', 30_000);
    relay.isCut = false;
    await grows(heard, 'totalAudioEnergy');
    await eventually(() => ada.room.mediaState === 'connected', 'the path being back', 30_000);
    expect([microphone.producerId, relay.transports]).toEqual([producerId, 1]);
    expect(bob.room.remoteTracks.get(producerId ?? '')).toBe(heard);
  });

  it('when nobody says anything: a quiet path is not a silent one', { timeout: 3 * slow }, () =>
    undisturbed(stallMs, async () => {
      await using relay = await startUdpRelay();
      relay.impair({ lossPercent: 10, delayMs: 100, jitterMs: 50 });
      await using real = await startRealRoom();
      const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
      const bob = await real.join({ identity: 'bob' });
      using tone = createToneTrack();
      using answer = createToneTrack();
      const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
      const answered = await bob.room.publish(answer.track, { source: 'microphone' });
      await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
      await grows(await remoteTrack(ada.room, 'microphone'), 'totalAudioEnergy');
      await Promise.all([microphone.pause(), answered.pause()]);
      const states = collect(ada.room, 'mediaStateChanged');
      const { transports } = relay;
      // Several of the pauses that libwebrtc makes between two checks of a path that it thinks well of.
      await setTimeout(10_000);
      expect([relay.transports, relay.restarts]).toEqual([transports, 0]);
      expect(states).not.toContain('recovering');
    }),
  );

  it('when media and the connection are cut for 4 seconds, as in a tunnel', { timeout: slow }, async () => {
    await using relay = await startUdpRelay();
    const turn = { urls: ['turn:127.0.0.1:9?transport=udp'], secret: 'a secret of both' };
    await using real = await startRealRoom({ turn });
    await using network = await startTcpRelay(real.server.url);
    const url = `${network.url.replace('http', 'ws')}/ws`;
    const timing = { rebuildAfterMs: 15_000 };
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec, url, timing });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    const { producerId } = microphone;
    expect(relay.iceServers).toBe(0);
    relay.isCut = true;
    network.cut();
    await setTimeout(4_000);
    relay.isCut = false;
    network.mend();
    await grows(heard, 'totalAudioEnergy');
    await eventually(() => ada.room.mediaState === 'connected', 'the path being back', 30_000);
    expect([microphone.producerId, relay.transports]).toEqual([producerId, 1]);
    // Each restart with credentials that are as new.
    expect(relay.iceServers).toBe(relay.restarts);
  });

  it('when the client is behind another address: the server follows it', { timeout: slow }, async () => {
    await using relay = await startUdpRelay();
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    const microphone = await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    const { producerId } = microphone;
    relay.moveClients();
    await grows(heard, 'totalAudioEnergy');
    expect([microphone.producerId, relay.transports]).toEqual([producerId, 1]);
  });

  it('when packets are lost and late', { timeout: slow }, async () => {
    await using relay = await startUdpRelay();
    relay.impair({ lossPercent: 5, delayMs: 200, jitterMs: 20 });
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    for (let times = 0; times < 5; times++) await grows(heard, 'totalAudioEnergy');
    expect([relay.transports, relay.restarts]).toEqual([1, 0]);
  });

  // Which test a poll belongs to is known of its own `expect` alone, where several run at once.
  it('when nothing comes back by UDP: over TCP', { timeout: slow }, async ({ expect }) => {
    await using relay = await startUdpRelay({ tcp: true });
    relay.isCut = true;
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' }, { codec: relay.codec });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    await grows(await remoteTrack(bob.room, 'microphone'), 'totalAudioEnergy');
    // A worker tells of what ICE selected in its own time.
    const metrics = async () => readMetrics(real.server.url);
    await expect.poll(metrics).toContain('parley_media_transports_by_protocol{protocol="tcp"} 1\n');
    await expect.poll(metrics).toContain('parley_media_transports_by_protocol{protocol="udp"} 1\n');
    expect(relay.restarts).toBe(0);
  });

  it('ends when no fresh token can be had', { timeout: slow }, async () => {
    await using real = await startRealRoom({ sessions: { tokenWarningMs: 1_000 } });
    const token = real.server.issueToken({ identity: 'ada', ttlSeconds: 2 });
    const ada = await real.join(
      { identity: 'ada' },
      { token: () => token, timing: { reconnectBaseMs: 200, reconnectCapMs: 1_000 } },
    );
    const left = collect(ada.room, 'left');
    await eventually(() => ada.client.state === 'closed', 'the end', 30_000);
    expect(left).toMatchObject([{ reason: 'expired' }]);
  });
});
