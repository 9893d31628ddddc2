import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createPeerId } from '../core/ids.ts';
import { eventually } from '../test/support/eventually.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { recordEvents, startMedia } from '../test/support/start-media.ts';
import type { ProduceRequest } from './media.ts';

const host = '127.0.0.1';
const extensionId = 10;

async function openSocket() {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  let sequence = 1;
  return {
    origin: { ip: host, port: socket.address().port },
    /** 20 ms of PCMU that say how loud they are. */
    say(port: number, ssrc: number, levelDbov: number) {
      const packet = Buffer.alloc(20 + 160, 0xff);
      packet.writeUInt16BE(0x9000, 0);
      packet.writeUInt16BE(sequence & 0xffff, 2);
      packet.writeUInt32BE(sequence * 160, 4);
      packet.writeUInt32BE(ssrc, 8);
      packet.writeUInt32BE(0xbede_0001, 12);
      packet.writeUInt8(extensionId << 4, 16);
      packet.writeUInt8(-levelDbov, 17);
      packet.writeUInt16BE(0, 18);
      sequence += 1;
      socket.send(packet, port, host);
    },
    [Symbol.dispose]: () => socket.close(),
  };
}

function microphone(ssrc: number): Omit<ProduceRequest, 'transportId'> {
  return {
    owner: 'ada',
    kind: 'audio',
    source: 'microphone',
    paused: false,
    rtpParameters: {
      mid: undefined,
      codecs: [
        {
          mimeType: 'audio/PCMU',
          payloadType: 0,
          clockRate: 8000,
          channels: undefined,
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [
        { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: extensionId, encrypt: false, parameters: {} },
      ],
      encodings: [
        {
          ssrc,
          rid: undefined,
          codecPayloadType: undefined,
          rtx: undefined,
          dtx: undefined,
          scalabilityMode: undefined,
          maxBitrate: undefined,
        },
      ],
      rtcp: { cname: 'phone', reducedSize: false },
    },
  };
}

describe.skipIf(!requireOrSkip('mediasoup'))('a source', () => {
  test('makes a peer heard by packets of its socket alone, and of nobody else', async () => {
    await using running = await startMedia();
    using socket = await openSocket();
    using stranger = await openSocket();
    const room = running.media.openRoom('standup');
    const events = recordEvents(room);
    const [ada, ben] = [createPeerId(), createPeerId()];
    const source = await room.openSource(ada, socket.origin);
    const other = await room.openSource(ben, stranger.origin);
    const { producerId } = await source.produce(microphone(4_001));
    const second = await other.produce(microphone(4_002));
    expect(events.filter(({ name }) => name === 'producerAdded')).toMatchObject([
      { peerId: ada, producer: { producerId, source: 'microphone', paused: false } },
      { peerId: ben, producer: { producerId: second.producerId } },
    ]);

    const loud = setInterval(() => {
      socket.say(source.target.port, 4_001, -30);
      // To the port of another's source: not taken, or ben would be the loudest.
      socket.say(other.target.port, 4_002, -10);
    }, 20);
    await eventually(() => events.some(({ name }) => name === 'activeSpeakerChanged'), 'somebody speaks');
    clearInterval(loud);
    expect(events.filter(({ name }) => name === 'activeSpeakerChanged')[0]).toMatchObject({ peerId: ada });

    source.close();
    source.close();
    expect(events.filter(({ name }) => name === 'producerClosed')).toMatchObject([{ peerId: ada, producerId }]);
    await expect(source.produce(microphone(4_003))).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
    room.removePeer(ben);
    await eventually(async () => (await running.countInWorkers()).transports === 0, 'nothing is left in the worker');
    expect((await running.countInWorkers()).producers).toBe(0);
  });

  test('carries several tracks, is muted and locked like any, and refuses what the router cannot carry', async () => {
    await using running = await startMedia();
    using socket = await openSocket();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const source = await room.openSource(ada, socket.origin);
    const { producerId } = await source.produce(microphone(4_001));
    await source.produce({ ...microphone(4_002), source: 'screen-audio' });
    expect(room.producersOf(ada).map(({ source: from }) => from)).toEqual(['microphone', 'screen-audio']);
    await room.muteProducer(producerId, { muted: true, lock: true });
    expect(await running.isPausedInWorker(producerId)).toBe(true);
    await expect(room.resumeProducer(ada, producerId)).rejects.toMatchObject({ reason: 'PRODUCER_LOCKED' });
    const { rtpParameters } = microphone(4_004);
    const unknown = { ...rtpParameters, codecs: [{ ...rtpParameters.codecs[0]!, mimeType: 'audio/GSM' }] };
    await expect(source.produce({ ...microphone(4_004), rtpParameters: unknown })).rejects.toMatchObject({
      reason: 'CANNOT_CONSUME',
    });
  });

  test('is told of by a reset when its worker dies, and can be opened again on the next one', async () => {
    await using running = await startMedia();
    using socket = await openSocket();
    const room = running.media.openRoom('standup');
    const ada = createPeerId();
    const source = await room.openSource(ada, socket.origin);
    const { producerId } = await source.produce(microphone(4_001));
    const reset = new Promise((resolve) => room.events.once('reset', resolve));
    const [worker] = (await running.media.stats()).workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    expect(await reset).toMatchObject({ peerIds: [ada], producers: [{ peerId: ada, producerId }] });
    source.close();
    const again = await room.openSource(ada, socket.origin);
    await again.produce(microphone(4_001));
    expect(room.producersOf(ada)).toHaveLength(1);
  });
});
