import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import type { LegMedia, ReceivedFormat } from '../../phones/sdp/leg-media.ts';
import { createDecoder, createEncoder } from '../codecs/create-codec.ts';
import { levelDbov } from '../codecs/levels.ts';
import { isRtcp, parseRtp } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { Leg } from '../thread/leg.ts';
import { nowMs } from '../thread/now.ts';
import { SendBuffers } from '../thread/send-buffers.ts';
import { tickMs } from '../thread/ticker.ts';
import { RoomMix } from './room-mix.ts';
import { TapVoice } from './tap-voice.ts';

const host = '127.0.0.1';
const levelId = 3;
const payloadTypes = { PCMU: 0, PCMA: 8 } as const;

/** Five of them are no louder than what can be said. */
const quiet = 0.1;

/** Packets of a tone that goes on; its level is told as `dbov`, whatever it is. */
function speakerOf(codec: keyof typeof payloadTypes, hertz: number, amplitude = quiet) {
  const sender = new RtpSender();
  const encoder = createEncoder(codec);
  // A second, which a tone of whole Hz ends as it began. Encoded before anybody counts.
  const pcm = sine(hertz, { sampleRate: 8000, ms: 1_000, amplitude });
  const payloads = Array.from({ length: 50 }, (_, at) =>
    Buffer.from(encoder.encode(pcm.subarray(160 * at, 160 * at + 160))),
  );
  const buffer = Buffer.alloc(400);
  let said = 0;
  return (atMs: number, dbov = levelDbov(pcm)) => {
    const payload = payloads[said % payloads.length] as Buffer;
    said += 1;
    const frame = { payloadType: payloadTypes[codec], clockRate: 8000, ticks: 160, payload };
    const length = sender.write(buffer, { ...frame, level: { id: levelId, dbov } }, atMs);
    const bytes = Buffer.from(buffer.subarray(0, length));
    const packet = parseRtp(bytes);
    if (!packet) throw new Error('it is no packet');
    return { bytes, packet };
  };
}

function openRoom() {
  const buffers = new SendBuffers();
  const fail = (error: unknown) => {
    throw error;
  };
  const room = new RoomMix((_voice, error) => fail(error));
  const speak: ((atMs: number) => void)[] = [];
  let atMs = nowMs();
  onTestFinished(() => room.close());
  return {
    /** A phone, which may say a tone. */
    async enter(id: number, codec: keyof typeof payloadTypes, tone?: { hertz: number; amplitude: number }) {
      const socket = createSocket('udp4');
      socket.bind(0, host);
      await once(socket, 'listening');
      onTestFinished(() => void socket.close());
      const { port } = socket.address();
      const format: ReceivedFormat = { payloadType: payloadTypes[codec], name: codec, clockRate: 8000 };
      const media: LegMedia = {
        remote: { ip: host, port, rtcpIp: host, rtcpPort: port, rtcpMux: true },
        codec,
        payloadType: format.payloadType,
        dtmf: undefined,
        cn: undefined,
        receive: [format],
        direction: 'sendrecv',
        held: false,
        ptimeMs: tickMs,
        srtp: undefined,
        opus: undefined,
      };
      const leg = new Leg({
        id,
        settings: {
          listenIp: host,
          // Not bound: what it says does not come by the network here.
          port: 0,
          inBandDtmf: false,
          levelControl: false,
          noiseGate: false,
          comfortNoise: false,
          silenceTimeoutMs: 60_000,
          cname: 'leg',
          signalledFrom: undefined,
        },
        buffers,
        onRead() {},
        tell() {},
        onFailed: fail,
        state: undefined,
      });
      onTestFinished(() => leg.close({ moved: true }));
      leg.setMedia(media, false);
      room.enter(leg, undefined);
      if (tone) {
        const say = speakerOf(codec, tone.hertz, tone.amplitude);
        speak.push((now) => leg.input.push(say(now).packet, format, false, now));
      }
      const heard: Buffer[] = [];
      socket.on('message', (bytes) => {
        const packet = isRtcp(bytes) ? undefined : parseRtp(bytes);
        if (packet) heard.push(Buffer.from(packet.payload));
      });
      return {
        /** How much of the last half of a second that it heard is that tone. */
        share(hz: number): number {
          const decoder = createDecoder(codec, 8000);
          const pcm = heard.slice(-25).flatMap((payload) => [...decoder.decode(payload)]);
          return toneShareDb(Int16Array.from(pcm), 8000, hz);
        },
      };
    },
    /** A browser's, which says that it is so loud. */
    addVoice(id: number, { hertz, dbov }: { hertz: number; dbov: number }) {
      const voice = new TapVoice({ tapPort: 1, ssrc: id, codec: 'PCMU', payloadType: 0, levelId }, room.rate);
      room.addVoice(id, voice);
      const say = speakerOf('PCMU', hertz);
      speak.push((now) => {
        const { bytes, packet } = say(now, dbov);
        voice.take(bytes, packet, now);
      });
    },
    async pass(ticks: number) {
      for (let tick = 0; tick < ticks; tick += 1, atMs += tickMs) {
        for (const say of speak) say(atMs);
        room.tick(atMs);
        // What was sent is read.
        await turn();
      }
    },
  };
}

/** Of all decoders and encoders of G.711, which have their class in common. */
function countCodecs() {
  const decodes = vi.spyOn(Object.getPrototypeOf(createDecoder('PCMU')), 'decode');
  const encodes = vi.spyOn(Object.getPrototypeOf(createEncoder('PCMU')), 'encode');
  onTestFinished(() => {
    decodes.mockRestore();
    encodes.mockRestore();
  });
  return {
    per(ticks: number) {
      const counts = { decodes: decodes.mock.calls.length / ticks, encodes: encodes.mock.calls.length / ticks };
      decodes.mockClear();
      encodes.mockClear();
      return counts;
    },
  };
}

const fiveOf = [0, 1, 2, 3, 4];
const isHeardDb = -12;
const isNotHeardDb = -40;

describe('a room of phones', () => {
  test('decodes each of the loudest voices once, however many listen, and encodes once for all of a codec', async () => {
    const { enter, addVoice, pass } = openRoom();
    for (const at of [...fiveOf, 5, 6, 7]) addVoice(100 + at, { hertz: 300 + 200 * at, dbov: -20 - at });
    const listeners = [];
    for (let id = 1; id <= 10; id += 1) listeners.push(await enter(id, id % 2 === 0 ? 'PCMU' : 'PCMA'));
    await pass(25);
    const counts = countCodecs();
    await pass(50);
    expect(counts.per(50)).toEqual({ decodes: 5, encodes: 2 });
    for (const phone of listeners) {
      for (const at of fiveOf) expect(phone.share(300 + 200 * at)).toBeGreaterThan(isHeardDb);
      expect(phone.share(300 + 200 * 5)).toBeLessThan(isNotHeardDb);
    }

    // As many again hear the same.
    for (let id = 11; id <= 20; id += 1) await enter(id, 'PCMU');
    await pass(5);
    counts.per(5);
    await pass(50);
    expect(counts.per(50)).toEqual({ decodes: 5, encodes: 2 });
  });

  test('decodes each phone that speaks once, and encodes once more for it, as it does not hear itself', async () => {
    const { enter, addVoice, pass } = openRoom();
    addVoice(100, { hertz: 700, dbov: -20 });
    const speakers = [
      await enter(1, 'PCMU', { hertz: 400, amplitude: quiet }),
      await enter(2, 'PCMU', { hertz: 1_000, amplitude: quiet }),
    ];
    for (let id = 3; id <= 10; id += 1) await enter(id, 'PCMU');
    await pass(25);
    const counts = countCodecs();
    await pass(50);
    expect(counts.per(50)).toEqual({ decodes: 3, encodes: 3 });
    const [one, other] = speakers;
    expect([one?.share(400), other?.share(1_000)].every((db) => (db ?? 0) < isNotHeardDb)).toBe(true);
    expect([one?.share(1_000), other?.share(400)].every((db) => (db ?? isNotHeardDb) > isHeardDb)).toBe(true);
  });

  test.each([
    ['is heard where it is among the five loudest of eight, though not first', quiet, true],
    ['is not heard where five are louder', 0.01, false],
  ])('with a phone that %s', async (_what, amplitude, isHeard) => {
    const { enter, addVoice, pass } = openRoom();
    // A sine of 0.1 has -23 dBov, one of 0.01 has -43.
    for (const [at, dbov] of [-10, -15, -20, -30, -35, -38, -39].entries())
      addVoice(100 + at, { hertz: 300 + 200 * at, dbov });
    const speaker = await enter(1, 'PCMU', { hertz: 1_800, amplitude });
    const listener = await enter(2, 'PCMA');
    await pass(75);
    const [fourth, fifth] = [listener.share(900), listener.share(1_100)];
    expect(fourth).toBeGreaterThan(isHeardDb);
    if (isHeard) {
      expect(listener.share(1_800)).toBeGreaterThan(isHeardDb);
      expect(fifth).toBeLessThan(isNotHeardDb);
    } else {
      expect(listener.share(1_800)).toBeLessThan(isNotHeardDb);
      expect(fifth).toBeGreaterThan(isHeardDb);
    }
    // It hears the four or five others, and never itself.
    expect(speaker.share(1_800)).toBeLessThan(isNotHeardDb);
    expect(speaker.share(300)).toBeGreaterThan(isHeardDb);
  });
});
