import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { createDecoder, createEncoder } from '../codecs/create-codec.ts';
import { isRtcp, parseRtp } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { Mixer } from './mixer.ts';
import { nowMs } from './now.ts';
import { tickMs } from './ticker.ts';

const host = '127.0.0.1';
const payloadTypes = { PCMU: 0, G722: 9 } as const;
const firstPort = 37_000 + 40 * (process.pid % 100);

const settings = {
  listenIp: host,
  inBandDtmf: false,
  levelControl: false,
  noiseGate: false,
  comfortNoise: false,
  silenceTimeoutMs: 60_000,
  cname: 'leg',
  signalledFrom: undefined,
};

/** A mixer whose ticks the test makes, and a phone for each leg. */
async function openMixer() {
  const mixer = await Mixer.create({ tell() {}, onRead() {} });
  onTestFinished(() => mixer.close());
  const phones: { say(): void }[] = [];
  let ports = firstPort;

  async function openPhone(leg: number, codec: 'PCMU' | 'G722' = 'PCMU', hertz = 0) {
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    onTestFinished(() => void socket.close());
    const { port: remotePort } = socket.address();
    const port = ports;
    ports += 2;
    await mixer.openLeg(leg, { ...settings, port });
    const payloadType = payloadTypes[codec];
    const media: LegMedia = {
      remote: { ip: host, port: remotePort, rtcpIp: host, rtcpPort: remotePort, rtcpMux: true },
      codec,
      payloadType,
      dtmf: undefined,
      cn: undefined,
      receive: [{ payloadType, name: codec, clockRate: 8000 }],
      direction: 'sendrecv',
      held: false,
      ptimeMs: 20,
      srtp: undefined,
      opus: undefined,
    };
    mixer.setMedia(leg, media, false);
    const decoder = createDecoder(codec, 8000);
    const encoder = createEncoder(codec, { sampleRate: 8000 });
    const sender = new RtpSender();
    const voice = sine(hertz, { sampleRate: 8000, ms: 5_000 });
    const heard: number[] = [];
    let at = 0;
    socket.on('message', (bytes) => {
      const packet = isRtcp(bytes) ? undefined : parseRtp(bytes);
      if (packet) heard.push(...decoder.decode(packet.payload));
    });
    phones.push({
      say() {
        const buffer = Buffer.alloc(400);
        const payload = encoder.encode(voice.subarray(at, at + 160));
        at += 160;
        const length = sender.write(buffer, { payloadType, clockRate: 8000, ticks: 160, payload }, at / 8);
        socket.send(buffer, 0, length, port, host);
      },
    });
    return { media, heard };
  }

  return {
    mixer,
    openPhone,
    /** Everybody says something, and the thread does its work. */
    async pass(ticks: number) {
      for (let tick = 0; tick < ticks; tick += 1) {
        for (const phone of phones) phone.say();
        await new Promise((resolve) => setTimeout(resolve, tickMs));
        mixer.tick(nowMs());
      }
    },
  };
}

const share = (heard: readonly number[], hertz: number) =>
  toneShareDb(Int16Array.from(heard.slice(-4_000)), 8000, hertz);

describe('phones of one thread', () => {
  test('are heard at once where two meet after one of them was alone with another elsewhere', async () => {
    const { mixer, openPhone, pass } = await openMixer();
    const stays = await openPhone(1, 'PCMU', 440);
    const moves = await openPhone(2, 'PCMU', 1_000);
    await openPhone(3, 'PCMU', 700);
    // The rooms' order is that of their ticks.
    mixer.openRoom(10);
    mixer.openRoom(20);
    mixer.enterRoom(1, 10, undefined);
    mixer.enterRoom(2, 20, undefined);
    mixer.enterRoom(3, 20, undefined);
    await pass(20);
    expect(mixer.legNumbers(2).passedThrough, 'the two of the other room are alone').toBe(true);
    mixer.enterRoom(2, 10, undefined);
    await pass(40);
    expect(share(stays.heard, 1_000)).toBeGreaterThan(-3);
    expect(share(moves.heard, 440)).toBeGreaterThan(-3);
    expect(mixer.legNumbers(2).passedThrough).toBe(true);
  });

  test('that are bridged hear each other after one of them has described its media again', async () => {
    const { mixer, openPhone, pass } = await openMixer();
    const narrow = await openPhone(1, 'PCMU', 440);
    const wide = await openPhone(2, 'G722', 1_000);
    mixer.bridge(1, 2);
    await pass(30);
    mixer.setMedia(1, narrow.media, false);
    await pass(40);
    expect(share(narrow.heard, 1_000)).toBeGreaterThan(-3);
    expect(share(wide.heard, 440)).toBeGreaterThan(-3);
  });
});
