// A phone of the tests: one UDP socket, a tone as its voice, and all that it hears kept as samples.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createDecoder, createEncoder } from '../../mixer/codecs/create-codec.ts';
import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import { fixedHeaderBytes, isRtcp, parseRtp, type RtpPacket } from '../../mixer/rtp/rtp-packet.ts';
import { RtpSender } from '../../mixer/rtp/rtp-sender.ts';
import { nowMs } from '../../mixer/thread/now.ts';

const host = '127.0.0.1';
const lines: Readonly<Record<PhoneCodec, { readonly type: number; readonly map: string; readonly clockRate: number }>> =
  {
    PCMU: { type: 0, map: 'PCMU/8000', clockRate: 8000 },
    PCMA: { type: 8, map: 'PCMA/8000', clockRate: 8000 },
    G722: { type: 9, map: 'G722/8000', clockRate: 8000 },
    opus: { type: 96, map: 'opus/48000/2', clockRate: 48_000 },
  };
const eventType = 101;

export interface RtpPhone extends AsyncDisposable {
  readonly port: number;
  readonly rtp: readonly RtpPacket[];
  readonly rtcp: readonly Buffer[];
  /** What it heard since it was asked last, at 8 kHz. */
  heard(): Int16Array;
  /** Its offer, or its answer with the same words. */
  describe(direction?: string): string;
  /** Takes an offer or an answer: from now on it sends. */
  connect(sdp: string): void;
  /** Hertz; undefined: nothing is sent. */
  say(hertz: number | undefined): void;
  /** On the way: one of so many packets of its voice. */
  lose(oneOf: number): void;
  /** A key by RFC 4733. */
  press(event: number, options?: { readonly loseMarker?: boolean; readonly loseEnd?: boolean }): void;
  /** Any payload, as the next packet of its voice. */
  speak(payload: Uint8Array): void;
  /** A packet of any bytes. */
  send(bytes: Buffer): void;
}

export async function createRtpPhone(codec: PhoneCodec = 'PCMU', ptimeMs = 20): Promise<RtpPhone> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  const { type, map, clockRate } = lines[codec];
  const encoder = createEncoder(codec, { sampleRate: 8000 });
  const decoder = createDecoder(codec, 8000);
  const sender = new RtpSender();
  const rtp: RtpPacket[] = [];
  const rtcp: Buffer[] = [];
  let pcm: number[] = [];
  let target: { readonly port: number; readonly ip: string } | undefined;
  let hertz: number | undefined;
  let phase = 0;
  let [spoken, losesOneOf] = [0, Number.POSITIVE_INFINITY];
  let version = 1;

  socket.on('message', (bytes) => {
    if (isRtcp(bytes)) {
      rtcp.push(bytes);
      return;
    }
    const packet = parseRtp(bytes);
    if (!packet) return;
    rtp.push(packet);
    if (packet.payloadType === type) pcm.push(...decoder.decode(packet.payload));
  });

  const samples = 8 * ptimeMs;
  const voice = new Int16Array(samples);
  let dueMs = nowMs();
  const timer = setInterval(() => {
    for (; dueMs <= nowMs(); dueMs += ptimeMs) {
      if (!target || hertz === undefined) continue;
      for (let i = 0; i < samples; i += 1) {
        voice[i] = 8_000 * Math.sin(phase);
        phase += (2 * Math.PI * hertz) / 8000;
      }
      const buffer = Buffer.alloc(1500);
      const payload = encoder.encode(voice);
      const frame = { payloadType: type, clockRate, ticks: (clockRate * ptimeMs) / 1000, payload };
      const length = sender.write(buffer, frame, nowMs());
      spoken += 1;
      if (spoken % losesOneOf !== 0) socket.send(buffer, 0, length, target.port, target.ip);
    }
  }, 10);

  return {
    port,
    rtp,
    rtcp,
    heard() {
      const all = Int16Array.from(pcm);
      pcm = [];
      return all;
    },
    describe(direction = 'sendrecv') {
      version += 1;
      return [
        'v=0',
        `o=- 7 ${version} IN IP4 ${host}`,
        's=-',
        `c=IN IP4 ${host}`,
        't=0 0',
        `m=audio ${port} RTP/AVP ${type} ${eventType}`,
        `a=rtpmap:${type} ${map}`,
        `a=rtpmap:${eventType} telephone-event/8000`,
        `a=fmtp:${eventType} 0-15`,
        `a=ptime:${ptimeMs}`,
        'a=rtcp-mux',
        `a=${direction}`,
        '',
      ].join('\r\n');
    },
    connect(sdp) {
      const ip = /^c=IN IP4 (\S+)/m.exec(sdp)?.[1];
      const itsPort = /^m=audio (\d+)/m.exec(sdp)?.[1];
      if (ip === undefined || itsPort === undefined) throw new Error(`no audio in ${sdp}`);
      target = { ip, port: Number(itsPort) };
    },
    say(tone) {
      hertz = tone;
    },
    lose(oneOf) {
      losesOneOf = oneOf;
    },
    press(event, { loseMarker = false, loseEnd = false } = {}) {
      if (!target) return;
      const timestamp = sender.beginEvent(8000, nowMs());
      for (let part = 0; part < 8; part += 1) {
        const isEnd = part >= 5;
        if (isEnd && loseEnd) break;
        const payload = Buffer.from([event, (isEnd ? 0x80 : 0) | 10, 0, 0]);
        payload.writeUInt16BE(160 * Math.min(part + 1, 6), 2);
        const buffer = Buffer.alloc(64);
        const marker = part === 0 && !loseMarker;
        const length = sender.writeEvent(buffer, { payloadType: eventType, timestamp, marker, payload });
        socket.send(buffer, 0, length, target.port, target.ip);
      }
      sender.skip(8 * 160);
    },
    speak(payload) {
      const buffer = Buffer.alloc(payload.length + fixedHeaderBytes);
      const frame = { payloadType: type, clockRate, ticks: (clockRate * ptimeMs) / 1000, payload };
      if (target) socket.send(buffer, 0, sender.write(buffer, frame, nowMs()), target.port, target.ip);
    },
    send(bytes) {
      if (target) socket.send(bytes, target.port, target.ip);
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      socket.close();
      encoder.close();
      decoder.close();
    },
  };
}
