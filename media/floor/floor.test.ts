import { afterAll, describe, expect, test } from 'vitest';
import { packetIntervalMs } from '../../bench/media/opus-stream.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { recordEvents, startMedia } from '../../test/support/start-media.ts';
import { createFloor } from './create-floor.ts';
import { closePeople, connectListener, connectSpeaker, type Speaker, silence, voice } from './testing/rtp-people.ts';

async function startFloor(loudestSpeakers: number) {
  const floor = createFloor({ log: silentLogger });
  const running = await startMedia({ loudestSpeakers }, { policies: [floor.policy] });
  const room = running.media.openRoom('standup');
  const speakers: Speaker[] = [];
  let sending: NodeJS.Timeout | undefined;
  const [listener, received] = await connectListener(running.media.rtpCapabilities, room);
  return {
    floor,
    room,
    speakers,
    received,
    async addSpeaker() {
      const speaker = await connectSpeaker(room, 1_000 + speakers.length);
      const { consumerId } = await room.consume(listener.peerId, { ...listener, producerId: speaker.producerId });
      await room.resumeConsumer(listener.peerId, consumerId);
      speakers.push(speaker);
      return speaker;
    },
    startSending() {
      const startedMs = performance.now();
      let sent = 0;
      sending = setInterval(() => {
        for (; sent * packetIntervalMs < performance.now() - startedMs; sent += 1) {
          for (const speaker of speakers) speaker.send();
        }
      }, 5);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sending);
      await running[Symbol.asyncDispose]();
      await floor.close();
    },
  };
}

describe.skipIf(!requireOrSkip('mediasoup'))('the floor with a real worker', () => {
  afterAll(closePeople);

  // A machine that stops this process for as long takes it again.
  test('forwards few of many open microphones, and loses at most 60 ms of whoever starts to speak', {
    retry: 2,
  }, async () => {
    await using made = await startFloor(2);
    const { floor, received, room, speakers } = made;
    const events = recordEvents(room);
    for (let count = 0; count < 8; count += 1) await made.addSpeaker();
    await eventually(() => floor.stats().heldConsumers === 6, 'six are held');
    made.startSending();
    await eventually(() => floor.stats().tapPackets > 100, 'levels come');
    const before = { received: received.packets, tapped: floor.stats().tapPackets };

    const utterances = 24;
    for (let utterance = 1; utterance <= utterances; utterance += 1) {
      const speaker = speakers[utterance % speakers.length]!;
      Object.assign(speaker, { utterance, said: 0, levelDbov: voice });
      await eventually(() => speaker.said >= 12, 'it was said');
      speaker.levelDbov = silence;
      const pausedAt = performance.now();
      await eventually(() => performance.now() - pausedAt > 100, 'a breath');
    }
    const lost = Array.from({ length: utterances }, (_, at) => received.firsts.get(at + 1) ?? 12);
    expect(Math.max(...lost) * packetIntervalMs, `packets lost at each start: ${lost}`).toBeLessThanOrEqual(60);
    // Two of eight, and three for the moment of a change.
    const share = (received.packets - before.received) / (floor.stats().tapPackets - before.tapped);
    expect(share).toBeLessThan(0.27);
    expect([...received.sequences.values()].filter(({ gaps }) => gaps > 0)).toEqual([]);
    expect(floor.stats().switches).toBeGreaterThanOrEqual(utterances - 2);
    speakers[5]!.levelDbov = voice;
    await eventually(() => {
      const told = events.findLast(({ name }) => name === 'speakersChanged');
      return told?.name === 'speakersChanged' && told.peerIds.join() === speakers[5]!.peerId;
    }, 'one is said to speak');
  });

  test('a voice that waited for longer than half of all sequence numbers is heard again', async () => {
    await using made = await startFloor(1);
    const { received } = made;
    const ada = await made.addSpeaker();
    const ben = await made.addSpeaker();
    await eventually(() => made.floor.stats().heldConsumers === 1, 'one is held');
    const ofBen = () => [...received.firsts.keys()].filter((utterance) => utterance >= 100);

    // Ben was heard before: the listener knows his sequence numbers.
    Object.assign(ben, { utterance: 100, levelDbov: voice });
    made.startSending();
    await eventually(() => ofBen().length === 1, 'ben is heard');
    ben.levelDbov = silence;
    Object.assign(ada, { utterance: 1, levelDbov: voice });
    await eventually(() => received.firsts.has(1), 'ada is heard');
    await eventually(() => made.floor.stats().heldConsumers === 1, 'ben waits');

    const before = made.floor.stats().tapPackets;
    const sendBurst = () => {
      for (let packet = 0; packet < 32; packet += 1) ben.send();
      return made.floor.stats().tapPackets - before > 40_000;
    };
    await eventually(sendBurst, '40,000 packets were sent', 60_000);
    ada.levelDbov = silence;
    Object.assign(ben, { utterance: 101, said: 0, levelDbov: voice });
    await eventually(() => ofBen().includes(101), 'ben is heard again');
    expect([...received.sequences.values()].filter(({ gaps }) => gaps > 0)).toEqual([]);
  }, 90_000);

  test('costs a small room nothing', async () => {
    await using made = await startFloor(4);
    for (let count = 0; count < 4; count += 1) await made.addSpeaker();
    for (const speaker of made.speakers) speaker.levelDbov = voice;
    made.startSending();
    await eventually(() => made.received.packets > 200, 'everybody is forwarded');
    expect(made.floor.stats()).toEqual({ rooms: 0, switches: 0, tapPackets: 0, heldConsumers: 0 });
  });
});
