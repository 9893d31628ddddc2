import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { createMemoryMediaEngine } from '../../test/support/memory-media-engine.ts';
import { microphone, receiveTransport, sendTransport } from '../../test/support/room-media-calls.ts';
import { opusOnly, opusParameters } from '../../test/support/rtp-parameters.ts';
import { mediaDefaults } from '../../test/support/start-media.ts';
import { createMedia } from '../create-media.ts';
import type { RoomMedia } from '../media.ts';
import { audioLevelUri } from '../mixer/rtp/header-extensions.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import { FloorPolicy } from './floor-policy.ts';
import type { LevelSource, OnLevel } from './level-source.ts';

/** Levels that a test says. */
class SpokenLevels implements LevelSource {
  readonly watched = new Map<string, OnLevel>();
  failing = false;
  canRead: LevelSource['canRead'] = ({ rtpParameters }) =>
    rtpParameters.headerExtensions.some(({ uri }) => uri === audioLevelUri);

  watch: LevelSource['watch'] = async ({ id }, _router, onLevel) => {
    if (this.failing) throw new Error('there is no tap');
    this.watched.set(id, onLevel);
    return () => this.watched.delete(id);
  };
}

/** Runs what promises have brought. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function openRoom(loudestSpeakers: number) {
  const clock = new FakeClock();
  const levels = new SpokenLevels();
  const counts = { switches: 0 };
  const consumers = new Map<string, RoomConsumer>();
  const deferred: (() => void)[] = [];
  let floor: FloorPolicy | undefined;
  const headerExtensions = opusParameters().headerExtensions.map(({ uri, id, encrypt }) => {
    return { kind: 'audio' as const, uri, preferredId: id, preferredEncrypt: encrypt, direction: 'sendrecv' as const };
  });
  const media = createMedia({
    engine: Object.assign(createMemoryMediaEngine(), { rtpCapabilities: { codecs: [], headerExtensions } }),
    options: { ...mediaDefaults, loudestSpeakers },
    clock,
    log: silentLogger,
    defer: (run) => deferred.push(run),
    policies: [
      (context) => {
        floor = new FloorPolicy(context, { levels, counts, onClosed: () => {} });
        return floor;
      },
      () => ({ consumerAdded: (consumer) => void consumers.set(consumer.id, consumer), close: () => {} }),
    ],
  });
  const room = media.openRoom('standup');
  const speak = (producerId: string, levelDbov: number, packets = 1) => {
    for (let packet = 0; packet < packets; packet += 1) {
      levels.watched.get(producerId)?.(levelDbov);
      clock.advance(20);
    }
  };
  return { clock, levels, counts, consumers, deferred, room, speak, floor: () => floor! };
}

async function openMicrophone(
  room: RoomMedia,
  {
    paused = false,
    peerId = createPeerId(),
    ...rtp
  }: { paused?: boolean; peerId?: PeerId; headerExtensions?: [] } = {},
) {
  const asked = microphone(await sendTransport(room, peerId));
  const rtpParameters = { ...asked.rtpParameters, ...rtp };
  const { producerId } = await room.produce(peerId, { ...asked, rtpParameters, paused });
  await settled();
  return { peerId, producerId };
}

/** Somebody who receives all of these; answers whether each flows now. */
async function listenTo(
  { room, consumers }: Pick<ReturnType<typeof openRoom>, 'room' | 'consumers'>,
  voices: readonly { producerId: string }[],
): Promise<() => boolean[]> {
  const peerId = createPeerId();
  const transportId = await receiveTransport(room, peerId, opusOnly);
  const received: RoomConsumer[] = [];
  for (const { producerId } of voices) {
    const { consumerId } = await room.consume(peerId, { transportId, producerId });
    await room.resumeConsumer(peerId, consumerId);
    received.push(consumers.get(consumerId)!);
  }
  return () => received.map(({ flows }) => flows);
}

describe('the floor of a room', () => {
  test('is everybody’s while no more microphones are open than have room, and nobody listens', async () => {
    const made = openRoom(2);
    const voices = [
      await openMicrophone(made.room),
      await openMicrophone(made.room),
      await openMicrophone(made.room, { paused: true }),
    ];
    const flows = await listenTo(made, voices);
    expect(flows()).toEqual([true, true, true]);
    expect(made.levels.watched.size).toBe(0);
    expect(made.floor().gates).toBe(false);
  });

  test('is limited once one more opens, and is theirs who had it', async () => {
    const made = openRoom(2);
    const [ada, ben] = [await openMicrophone(made.room), await openMicrophone(made.room)];
    const eve = await openMicrophone(made.room, { paused: true });
    const flows = await listenTo(made, [ada, ben, eve]);
    await made.room.resumeProducer(eve.peerId, eve.producerId);
    await settled();
    expect(flows()).toEqual([true, true, false]);
    expect(made.floor().heldConsumers).toBe(1);
    // Who comes to listen now waits as well.
    const late = await listenTo(made, [eve, ada]);
    expect(late()).toEqual([false, true]);
  });

  test('is for whoever speaks, at once, while another is silent', async () => {
    const made = openRoom(1);
    const [ada, ben] = [await openMicrophone(made.room), await openMicrophone(made.room)];
    const flows = await listenTo(made, [ada, ben]);
    expect(flows()).toEqual([true, false]);
    made.clock.advance(5_000);
    made.speak(ben.producerId, -30);
    expect(flows()).toEqual([false, true]);
    expect(made.counts.switches).toBe(1);
    // Noise is not speech.
    made.clock.advance(5_000);
    made.speak(ada.producerId, -60, 50);
    expect(flows()).toEqual([false, true]);
  });

  test('is kept by who speaks, but for somebody who is clearly louder', async () => {
    const made = openRoom(1);
    const [ada, ben] = [await openMicrophone(made.room), await openMicrophone(made.room)];
    const flows = await listenTo(made, [ada, ben]);
    const both = (benDbov: number, packets: number) => {
      for (let packet = 0; packet < packets; packet += 1) {
        made.levels.watched.get(ada.producerId)?.(-30);
        made.speak(ben.producerId, benDbov);
      }
    };
    made.speak(ada.producerId, -30, 100);
    both(-26, 100);
    expect(flows()).toEqual([true, false]);
    both(-20, 100);
    expect(flows()).toEqual([false, true]);
    expect(made.counts.switches).toBe(1);
  });

  test('is given up by who is muted, and open to all when few are left; then nobody listens any more', async () => {
    const made = openRoom(2);
    const ada = await openMicrophone(made.room);
    const ben = await openMicrophone(made.room);
    const eve = await openMicrophone(made.room);
    const dan = await openMicrophone(made.room);
    const flows = await listenTo(made, [ada, ben, eve, dan]);
    expect(flows()).toEqual([true, true, false, false]);
    await made.room.muteProducer(ada.producerId, { muted: true, lock: false });
    made.speak(eve.producerId, -30);
    expect(flows()).toEqual([false, true, true, false]);

    await made.room.pauseProducer(ben.peerId, ben.producerId);
    expect(flows()[3]).toBe(true);
    expect(made.levels.watched.size).toBe(4);
    made.clock.advance(10_000);
    expect(made.levels.watched.size).toBe(0);
    expect(flows()).toEqual([true, true, true, true]);
    expect(made.floor().heldConsumers).toBe(0);
  });

  test('costs nobody their voice whose level cannot be read', async () => {
    const made = openRoom(1);
    const [ada, ben] = [await openMicrophone(made.room), await openMicrophone(made.room)];
    const phone = await openMicrophone(made.room, { headerExtensions: [] });
    const flows = await listenTo(made, [ada, ben, phone]);
    expect(flows()).toEqual([true, false, true]);
    // Nor one who promised levels and sends none.
    made.levels.watched.get(ben.producerId)?.('unknown');
    expect(flows()).toEqual([true, true, true]);
    expect(made.levels.watched.has(ben.producerId)).toBe(false);

    const other = openRoom(1);
    other.levels.failing = true;
    const heard = [await openMicrophone(other.room), await openMicrophone(other.room)];
    expect((await listenTo(other, heard))()).toEqual([true, true]);
  });

  test('changes for a large audience a part at a time, the new voice first', async () => {
    const made = openRoom(1);
    const [ada, ben] = [await openMicrophone(made.room), await openMicrophone(made.room)];
    const audience: (() => boolean[])[] = [];
    for (let count = 0; count < 150; count += 1) audience.push(await listenTo(made, [ada, ben]));
    const flowing = (at: number) => audience.filter((flows) => flows()[at]).length;
    expect([flowing(0), flowing(1)]).toEqual([150, 0]);
    made.clock.advance(5_000);
    made.speak(ben.producerId, -20);
    expect([flowing(0), flowing(1)]).toEqual([100, 150]);
    made.deferred.shift()!();
    expect([flowing(0), flowing(1)]).toEqual([0, 150]);
    expect(made.deferred).toEqual([]);
  });

  test('is forgotten with its room', async () => {
    const made = openRoom(1);
    await openMicrophone(made.room);
    await openMicrophone(made.room);
    expect(made.levels.watched.size).toBe(2);
    made.room.close();
    expect(made.levels.watched.size).toBe(0);
    expect(made.clock.pendingTimers).toBe(0);
  });

  test('is nobody’s business where every microphone is forwarded', async () => {
    const made = openRoom(0);
    const voices = [];
    for (let count = 0; count < 8; count += 1) voices.push(await openMicrophone(made.room));
    expect((await listenTo(made, voices))()).toEqual(Array(8).fill(true));
    expect(made.levels.watched.size).toBe(0);
  });
});
