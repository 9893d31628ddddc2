import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import type { PeerId } from '../../core/ids.ts';
import type { ProducerInfo, RoomSnapshot } from '../../proto/gen/types.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import { Afterglow, glowMs, overlapMs } from './afterglow.ts';

const ada = 'p_ada' as PeerId;

function track(producerId: string, source: ProducerInfo['source']): ProducerInfo {
  const kind = source === 'microphone' ? 'audio' : 'video';
  return { producerId, kind, source, paused: false, muted: false, locked: false, encrypted: false };
}

function keepTwo() {
  const clock = new FakeClock();
  const afterglow = new Afterglow(clock);
  const ended: string[] = [];
  const media = {
    producers: [track('mic-1', 'microphone'), track('cam-1', 'camera')],
    close: (producerId: string) => ended.push(producerId),
    over: () => ended.push('all'),
  };
  afterglow.keep(ada, media);
  return { clock, afterglow, ended, media };
}

describe('what is kept of a peer that went on elsewhere', () => {
  test('ends track by track, a moment after the same source comes from its new place', () => {
    const { clock, afterglow, ended } = keepTwo();
    expect(afterglow.replaced(ada, track('mic-2', 'microphone'))).toBe('mic-1');
    expect(afterglow.replaced(ada, track('screen-2', 'screen'))).toBeUndefined();
    expect([afterglow.isCurrent(ada, 'mic-1'), afterglow.isCurrent(ada, 'cam-1')]).toEqual([false, true]);
    expect(ended).toEqual([]);
    clock.advance(overlapMs);
    expect(ended).toEqual(['mic-1']);
    expect([afterglow.isOld(ada, 'mic-1'), afterglow.isOld(ada, 'cam-1')]).toEqual([false, true]);
    clock.advance(glowMs);
    expect(ended).toEqual(['mic-1', 'cam-1', 'all']);
    expect([afterglow.size, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('ends once, with whatever ended by itself left out', () => {
    const { clock, afterglow, ended } = keepTwo();
    afterglow.closed(ada, 'cam-1');
    afterglow.replaced(ada, track('mic-2', 'microphone'));
    afterglow.end(ada);
    afterglow.end(ada);
    clock.advance(2 * glowMs);
    expect(ended).toEqual(['mic-1', 'all']);
  });

  test('ends at once when the peer goes on to a third place', () => {
    const { afterglow, ended, media } = keepTwo();
    afterglow.keep(ada, { ...media, producers: [track('mic-2', 'microphone')] });
    expect(ended).toEqual(['mic-1', 'cam-1', 'all']);
    expect([afterglow.isOld(ada, 'mic-1'), afterglow.isOld(ada, 'mic-2')]).toEqual([false, true]);
  });

  test('is none of the tracks that come from the new place, and nothing of other peers', () => {
    const { clock, afterglow, ended } = keepTwo();
    afterglow.replaced(ada, track('mic-1', 'microphone'));
    afterglow.replaced('p_bo' as PeerId, track('mic-2', 'microphone'));
    clock.advance(overlapMs);
    expect(ended).toEqual([]);
    expect(afterglow.isCurrent('p_bo' as PeerId, 'mic-2')).toBe(true);
  });
});

/** Ada, who sends, and bo, who sees her, on node a. */
async function startCall(wished: Parameters<typeof startNodes>[1] = {}) {
  const started = await startNodes(['a', 'b'], wished);
  const [a, b] = started.nodes as [TestSignaling, TestSignaling];
  const [sender, bo] = [await a.connect({ identity: 'ada' }), await a.join({ identity: 'bo' })];
  const snapshot: RoomSnapshot = await sender.call('room.join', { room });
  if (sender.session) sender.session = { ...sender.session, rooms: [snapshot] };
  const { transportId } = await sender.call('media.createTransport', { room, direction: 'send' });
  const request = { room, transportId, kind: 'audio', source: 'microphone', rtpParameters: sent } as const;
  const { producerId } = await sender.call('media.produce', request);
  await started.settle();
  bo.link.take();
  return { ...started, a, b, sender, bo, peerId: snapshot.peerId, producerId };
}

const sent = {
  codecs: [{ mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }],
  encodings: [{ ssrc: 1_111 }],
};

async function resumeAt(node: TestSignaling, client: TestClient): Promise<TestClient> {
  const again = node.open();
  await again.connect(node.verifier.issue({ identity: 'ada' }), client);
  return again;
}

describe('a peer that goes on at another node', () => {
  test('is received by way of the old one for as long as that takes, and nobody is told of a leave', async () => {
    const { a, b, sender, bo, peerId, producerId, settle, advance } = await startCall();
    await resumeAt(b, sender);
    await settle();
    expect(sender.link.closedWith).toBe('SESSION_TAKEN_OVER');
    expect(a.media.room(room).producers.has(producerId)).toBe(true);
    for (const name of ['mediaReset', 'producerClosed', 'peersLeft'] as const) expect(bo.link.of(name)).toEqual([]);
    const { peers } = await bo.call('room.listPeers', { room, pageToken: '0' });
    expect(peers.map((one) => one.producers.map((producer) => producer.producerId))).toEqual([[producerId]]);
    await advance(glowMs);
    expect(bo.link.of('producerClosed')).toMatchObject([{ peerId, producerId }]);
    expect(a.media.room(room).transports.size).toBe(0);
    expect(bo.link.of('peersLeft')).toEqual([]);
  });

  test('has nothing left there when it comes back before that', async () => {
    const { a, b, sender, bo, peerId, producerId, settle, advance } = await startCall();
    const there = await resumeAt(b, sender);
    await settle();
    const back = await resumeAt(a, there);
    await settle();
    expect(back.session?.rooms).toMatchObject([{ peerId, ownProducers: [] }]);
    expect(bo.link.of('producerClosed')).toMatchObject([{ peerId, producerId }]);
    const { transportId } = await back.call('media.createTransport', { room, direction: 'send' });
    await advance(2 * glowMs);
    expect([...a.media.room(room).transports.keys()]).toEqual([transportId]);
  });

  test('keeps its room open there until then, however soon that closes without anybody', async () => {
    const { a, b, sender, bo, producerId, settle, advance } = await startCall({ rooms: { idleTimeoutMs: 0 } });
    await bo.call('room.leave', { room });
    await resumeAt(b, sender);
    await settle();
    await advance(1_000);
    const { media } = a;
    expect(media.room(room).producers.has(producerId)).toBe(true);
    await advance(glowMs);
    expect(media.room(room).closed).toBe(true);
  });

  test('keeps its node from being empty until then', async () => {
    const { a, b, sender, bo, settle, advance } = await startCall();
    const { moves } = a.signaling;
    void moves?.start(60_000);
    await advance(1_000);
    bo.link.lose();
    await resumeAt(b, sender);
    await settle();
    await advance(1_000);
    expect(moves?.isDone).toBe(false);
    await advance(glowMs);
    expect(moves?.isDone).toBe(true);
    moves?.stop();
  });
});
