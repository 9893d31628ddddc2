import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { sine, toneShareDb } from '../../../test/support/tones.ts';
import type { LegMedia } from '../../phones/sdp/leg-media.ts';
import { createDecoder, createEncoder } from '../codecs/create-codec.ts';
import { isRtcp, parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import { Mixer } from './mixer.ts';
import type { LegEvent, TapVoiceFacts } from './mixer-calls.ts';
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
  const told: LegEvent[] = [];
  const failures: unknown[] = [];
  const mixer = await Mixer.create({
    tell: (_leg, event) => void told.push(event),
    onFailed: (error) => void failures.push(error),
    onRead() {},
  });
  onTestFinished(() => mixer.close());
  const phones: { say(isLost: boolean): void }[] = [];
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
      say(isLost) {
        const buffer = Buffer.alloc(400);
        const payload = encoder.encode(voice.subarray(at, at + 160));
        at += 160;
        const length = sender.write(buffer, { payloadType, clockRate: 8000, ticks: 160, payload }, at / 8);
        if (!isLost) socket.send(buffer, 0, length, port, host);
      },
    });
    return { media, heard };
  }

  return {
    mixer,
    openPhone,
    told,
    failures,
    /** A voice of that codec comes by the room's tap, once. */
    async tellVoice(room: number, codec: TapVoiceFacts['codec'], { isSecond = false } = {}) {
      const tap = createSocket('udp4');
      tap.bind(0, host);
      await once(tap, 'listening');
      onTestFinished(() => void tap.close());
      const sender = new RtpSender();
      const { port: tapPort } = tap.address();
      const facts: TapVoiceFacts = { tapPort, ssrc: sender.ssrc, codec, payloadType: 0, levelId: undefined };
      if (isSecond) mixer.addVoice(room, 2, facts);
      mixer.addVoice(room, 1, facts);
      if (isSecond) mixer.removeVoice(room, 2);
      const buffer = Buffer.alloc(400);
      const frame = { payloadType: 0, clockRate: 8000, ticks: 160, payload: Buffer.alloc(160) };
      tap.send(buffer, 0, sender.write(buffer, frame, 0), mixer.tapPort, host);
    },
    /** Everybody says something, and the thread does its work. */
    async pass(ticks: number, isLost: (tick: number) => boolean = () => false) {
      let dueMs = nowMs();
      for (let tick = 0; tick < ticks; tick += 1) {
        for (const phone of phones) phone.say(isLost(tick));
        dueMs += tickMs;
        await new Promise((resolve) => setTimeout(resolve, dueMs - nowMs()));
        mixer.tick(dueMs);
      }
    },
  };
}

/** From each to the next. */
const timesOf = (packets: readonly RtpPacket[], of: (packet: RtpPacket) => number) =>
  packets.slice(1).map((packet, index) => of(packet) - of(packets[index] as RtpPacket));

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

  test('reach their room in their own time, whatever was lost on the way', async () => {
    const { mixer, openPhone, pass } = await openMixer();
    const worker = createSocket('udp4');
    worker.bind(0, host);
    await once(worker, 'listening');
    onTestFinished(() => void worker.close());
    const packets: RtpPacket[] = [];
    worker.on('message', (bytes) => {
      const packet = parseRtp(bytes);
      if (packet) packets.push(packet);
    });
    await openPhone(1, 'PCMU', 440);
    mixer.openRoom(10);
    const { port } = worker.address();
    mixer.enterRoom(1, 10, { ip: host, port, ssrc: 7, codec: 'PCMU', payloadType: 0, levelId: 10 });
    await pass(100, (tick) => tick % 10 === 5);
    const [first] = packets;
    const last = packets.at(-1);
    const sequences = timesOf(packets, ({ sequence }) => sequence);
    expect(sequences.every((step) => step === 1)).toBe(true);
    // A hole is a step of two packets' time, and nothing that begins anew.
    expect(timesOf(packets, ({ timestamp }) => timestamp).filter((step) => step === 320).length).toBeGreaterThan(5);
    expect(packets.slice(1).some(({ marker }) => marker)).toBe(false);
    expect(packets.length).toBeGreaterThan(80);
    expect(((last?.timestamp ?? 0) - (first?.timestamp ?? 0)) / 160).toBeGreaterThan(packets.length + 5);
  });

  test('tell of no more keys than anybody can press', async () => {
    const { mixer, openPhone, told } = await openMixer();
    await openPhone(1);
    for (let press = 0; press < 1_000; press += 1) mixer.digitByInfo(1, '5', 40);
    expect(told.length).toBeGreaterThan(30);
    expect(told.length).toBeLessThan(100);
  });

  test.each([
    ['is alone', [], false],
    ['is one of two in a room', [2], false],
    ['is one of three in a room', [2, 3], false],
    ['is bridged', [2], true],
  ])('one that %s and cannot be sent to ends alone', async (_what, others, isBridged) => {
    const { mixer, openPhone, pass, told } = await openMixer();
    const broken = await openPhone(1);
    for (const id of others) await openPhone(id);
    const stays = await openPhone(8);
    await openPhone(9, 'PCMU', 440);
    mixer.openRoom(10);
    mixer.openRoom(20);
    if (isBridged) mixer.bridge(1, 2);
    else for (const id of others.length > 0 ? [1, ...others] : []) mixer.enterRoom(id, 10, undefined);
    for (const id of [8, 9]) mixer.enterRoom(id, 20, undefined);
    await pass(5);
    // No socket sends there.
    const { remote } = broken.media;
    mixer.setMedia(1, { ...broken.media, remote: remote && { ...remote, port: 70_000 } }, false);
    await pass(40);
    const ends = told.filter(({ name }) => name === 'failed');
    expect(ends).toMatchObject([{ name: 'failed', error: { stack: expect.stringContaining('leg-path') } }]);
    expect(mixer.legs).toBe(others.length + 2);
    expect(share(stays.heard, 440), 'what another room hears').toBeGreaterThan(-3);
    expect(() => mixer.legNumbers(1)).toThrow('no leg 1');
  });

  test('are told of a voice by whose numbers another one came before, which goes after it', async () => {
    const { mixer, openPhone, pass, failures, tellVoice } = await openMixer();
    await openPhone(1);
    mixer.openRoom(10);
    mixer.enterRoom(1, 10, undefined);
    // One that cannot be decoded tells that its packet came to it.
    await tellVoice(10, 'unheard of' as 'PCMU', { isSecond: true });
    await pass(10);
    expect(failures).toHaveLength(1);
  });

  test('hear each other where the voice of a browser cannot be decoded', async () => {
    const { mixer, openPhone, pass, failures, tellVoice } = await openMixer();
    const hears = await openPhone(1);
    await openPhone(2, 'PCMU', 440);
    mixer.openRoom(10);
    for (const id of [1, 2]) mixer.enterRoom(id, 10, undefined);
    await tellVoice(10, 'unheard of' as 'PCMU');
    await pass(40);
    expect(failures).toHaveLength(1);
    expect(share(hears.heard, 440)).toBeGreaterThan(-3);
    expect(mixer.legs).toBe(2);
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
