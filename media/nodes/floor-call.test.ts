import { afterAll, describe, expect, test } from 'vitest';
import { packetIntervalMs } from '../../bench/media/opus-stream.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createMediaNetwork } from '../../test/support/node-media.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { createFloor } from '../floor/create-floor.ts';
import {
  closePeople,
  connectListener,
  connectSpeaker,
  type Speaker,
  silence,
  voice,
} from '../floor/testing/rtp-people.ts';

const places = 2;

/** Two nodes; `away` owns the room, and listens. */
async function startNodes() {
  const network = createMediaNetwork();
  const start = async (name: string) => {
    const floor = createFloor({ log: silentLogger });
    const nodes = network.join(name);
    const running = await startMedia({ loudestSpeakers: places }, { policies: [floor.policy], nodes });
    network.serve(name, running.media.forNodes);
    const room = running.media.openRoom('standup');
    room.remoteTracks?.ownedBy({ node: 'away', isHere: name === 'away', term: 1 });
    return { name, floor, running, room };
  };
  const [home, away] = [await start('home'), await start('away')];
  const speakers: Speaker[] = [];
  const [listener, received] = await connectListener(away.running.media.rtpCapabilities, away.room);
  const addSpeaker = async (from: typeof home, to: typeof home) => {
    const speaker = await connectSpeaker(from.room, 1_000 + speakers.length);
    const { peerId, producerId } = speaker;
    to.room.remoteTracks?.peerAt(peerId, from.name);
    const shape = from.room.remoteTracks?.shapeOf(producerId);
    for (const producer of from.room.producersOf(peerId)) {
      to.room.remoteTracks?.changed(peerId, producer, { node: from.name, shape });
    }
    const { consumerId } = await away.room.consume(listener.peerId, { ...listener, producerId });
    await away.room.resumeConsumer(listener.peerId, consumerId);
    speakers.push(speaker);
  };
  home.room.remoteTracks?.peerAt(listener.peerId, 'away');
  for (let count = 0; count < 3; count += 1) {
    await addSpeaker(home, away);
    await addSpeaker(away, home);
  }
  const startedMs = performance.now();
  let sent = 0;
  const sending = setInterval(() => {
    for (; sent * packetIntervalMs < performance.now() - startedMs; sent += 1) {
      for (const speaker of speakers) speaker.send();
    }
  }, 5);
  return {
    home,
    away,
    speakers,
    received,
    async [Symbol.asyncDispose]() {
      clearInterval(sending);
      for (const { floor, running } of [home, away]) {
        await running[Symbol.asyncDispose]();
        await floor.close();
      }
    },
  };
}

describe.skipIf(!requireOrSkip('mediasoup'))('the floor of a room on two nodes', () => {
  afterAll(closePeople);

  test('is taken from one node to the other and back, and what has none does not cross', async () => {
    await using made = await startNodes();
    const { home, away, received, speakers } = made;
    await eventually(() => away.floor.stats().rooms + home.floor.stats().rooms === 2, 'both gate');
    await eventually(() => home.floor.stats().tapPackets > 100 && away.floor.stats().tapPackets > 100, 'levels come');
    const before = {
      received: received.packets,
      tapped: home.floor.stats().tapPackets + away.floor.stats().tapPackets,
    };
    const utterances = 6;
    for (let utterance = 1; utterance <= utterances; utterance += 1) {
      const speaker = speakers[utterance % speakers.length];
      if (speaker === undefined) throw new Error('nobody is there');
      Object.assign(speaker, { utterance, said: 0, levelDbov: voice });
      await eventually(() => received.firsts.has(utterance), 'it is heard');
      await eventually(() => speaker.said >= 12, 'it was said');
      await eventually(() => {
        const told = [home, away].map(({ room }) => room.speakers.join());
        return told[0] === told[1] && told[0]?.includes(speaker.peerId);
      }, 'both nodes say that it is them who speak');
      speaker.levelDbov = silence;
    }
    const tapped = home.floor.stats().tapPackets + away.floor.stats().tapPackets - before.tapped;
    expect(tapped).toBeGreaterThan(500);
    // Of six; and more than two for the moment of a change.
    expect((received.packets - before.received) / tapped).toBeLessThan(0.5);
    const lost = [...received.firsts.values()].map((packets) => packets * packetIntervalMs);
    expect(Math.min(...lost), `ms lost at each start: ${lost}`).toBeLessThanOrEqual(60);
    expect([...received.sequences.values()].filter(({ gaps }) => gaps > 0)).toEqual([]);
  }, 60_000);
});
