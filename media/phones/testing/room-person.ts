// Somebody in a room who is no phone: a voice of a browser's codec, and ears for everybody else.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createPeerId, type PeerId } from '../../../core/ids.ts';
import type { RoomMedia } from '../../media.ts';
import { createDecoder, createEncoder } from '../../mixer/codecs/create-codec.ts';
import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { audioLevelUri } from '../../mixer/rtp/header-extensions.ts';
import { isRtcp, parseRtp } from '../../mixer/rtp/rtp-packet.ts';
import { RtpSender } from '../../mixer/rtp/rtp-sender.ts';
import { nowMs } from '../../mixer/thread/now.ts';
import { tapFactsOf } from '../tap-facts.ts';

const host = '127.0.0.1';
const levelId = 10;
const payloadTypes: Readonly<Record<PhoneCodec, number>> = { opus: 107, G722: 9, PCMU: 0, PCMA: 8 };

export interface RoomPerson extends AsyncDisposable {
  readonly peerId: PeerId;
  readonly producerId: string;
  say(hertz: number | undefined): void;
  /** What the peer's microphone brought since it was asked last, at 8 kHz. */
  heard(peerId: PeerId): Int16Array;
  leave(): void;
}

export async function createRoomPerson(room: RoomMedia, codec: PhoneCodec = 'opus'): Promise<RoomPerson> {
  const peerId = createPeerId();
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const from = { ip: host, port: socket.address().port };
  const source = await room.openSource(peerId, from);
  const sender = new RtpSender();
  const clockRate = codec === 'opus' ? 48_000 : 8000;
  const { producerId } = await source.produce({
    owner: peerId,
    kind: 'audio',
    source: 'microphone',
    paused: false,
    rtpParameters: {
      mid: undefined,
      codecs: [
        {
          mimeType: `audio/${codec}`,
          payloadType: payloadTypes[codec],
          clockRate,
          channels: codec === 'opus' ? 2 : undefined,
          parameters: {},
          rtcpFeedback: [],
        },
      ],
      headerExtensions: [{ uri: audioLevelUri, id: levelId, encrypt: false, parameters: {} }],
      encodings: [
        {
          ssrc: sender.ssrc,
          rid: undefined,
          codecPayloadType: undefined,
          rtx: undefined,
          dtx: undefined,
          scalabilityMode: undefined,
          maxBitrate: undefined,
        },
      ],
      rtcp: { cname: peerId, reducedSize: false },
    },
  });

  const tap = room.openTap(from);
  const ears = new Map<string, { pcm: number[]; peerId: PeerId }>();
  const streams = new Map<string, (payload: Uint8Array) => void>();
  const listen = async (other: PeerId, id: string) => {
    const track = await tap.add(id);
    const facts = tapFactsOf(track);
    if (!facts) return;
    const decoder = createDecoder(facts.codec, 8000);
    const ear = { pcm: [] as number[], peerId: other };
    ears.set(id, ear);
    streams.set(`${facts.tapPort}/${facts.ssrc}`, (payload) => ear.pcm.push(...decoder.decode(payload)));
    await track.resume();
  };
  const stop = room.events.on('producerAdded', ({ peerId: other, producer }) => {
    if (other !== peerId) void listen(other, producer.producerId).catch(() => {});
  });
  for (const { peerId: other, producer } of room.allProducers()) {
    if (other !== peerId) await listen(other, producer.producerId);
  }
  socket.on('message', (bytes, { port }) => {
    if (isRtcp(bytes)) return;
    const packet = parseRtp(bytes);
    if (packet) streams.get(`${port}/${packet.ssrc}`)?.(packet.payload);
  });

  const encoder = createEncoder(codec, { sampleRate: 8000 });
  const voice = new Int16Array(160);
  let hertz: number | undefined;
  let phase = 0;
  let dueMs = nowMs();
  const timer = setInterval(() => {
    for (; dueMs <= nowMs(); dueMs += 20) {
      if (hertz === undefined) continue;
      for (let i = 0; i < voice.length; i += 1) {
        voice[i] = 8_000 * Math.sin(phase);
        phase += (2 * Math.PI * hertz) / 8000;
      }
      const buffer = Buffer.alloc(1500);
      const frame = {
        payloadType: payloadTypes[codec],
        clockRate,
        ticks: clockRate / 50,
        payload: encoder.encode(voice),
        level: { id: levelId, dbov: -15 },
      };
      socket.send(buffer, 0, sender.write(buffer, frame, nowMs()), source.target.port, host);
    }
  }, 10);

  return {
    peerId,
    producerId,
    say(tone) {
      hertz = tone;
    },
    heard(other) {
      const all = [...ears.values()].filter((ear) => ear.peerId === other).flatMap((ear) => ear.pcm.splice(0));
      return Int16Array.from(all);
    },
    leave() {
      room.removePeer(peerId);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      stop();
      tap.close();
      encoder.close();
      room.removePeer(peerId);
      socket.close();
    },
  };
}
