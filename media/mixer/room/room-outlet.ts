import type { Socket } from 'node:dgram';
import { createEncoder } from '../codecs/create-codec.ts';
import type { PhoneCodec, VoiceEncoder, VoiceRate } from '../codecs/voice-codec.ts';
import { ticksOfG711, ticksOfOpus } from '../rtp/packet-ticks.ts';
import type { RtpPacket } from '../rtp/rtp-packet.ts';
import { RtpSender } from '../rtp/rtp-sender.ts';
import type { RoomEntry } from '../thread/mixer-calls.ts';
import type { SendBuffers } from '../thread/send-buffers.ts';

interface RoomOutletParts {
  readonly entry: RoomEntry;
  readonly socket: Socket;
  readonly buffers: SendBuffers;
}

/** The way of a leg's voice into its room: to a producer, each packet with how loud it is. */
export class RoomOutlet {
  readonly #parts: RoomOutletParts;
  readonly #sender: RtpSender;
  readonly #clockRate: number;
  readonly #ticksOf: (payload: Uint8Array) => number;
  #encoder: VoiceEncoder | undefined;
  #encoderRate: VoiceRate | undefined;

  constructor(parts: RoomOutletParts) {
    this.#parts = parts;
    const { ssrc, codec } = parts.entry;
    this.#sender = new RtpSender({ ssrc });
    this.#clockRate = codec === 'opus' ? 48_000 : 8000;
    this.#ticksOf = codec === 'opus' ? ticksOfOpus : ticksOfG711;
  }

  get codec(): PhoneCodec {
    return this.#parts.entry.codec;
  }

  /** A packet at its turn. */
  send(payload: Uint8Array, dbov: number, atMs: number): void {
    const ticks = this.#ticksOf(payload);
    if (ticks === 0) return;
    const buffer = this.#parts.buffers.take();
    this.#put(buffer, this.#sender.write(buffer, { ...this.#format(ticks, dbov), payload }, atMs));
  }

  /** What was lost on its way here, so that those who listen, and recordings, are not ahead by it. */
  miss(ticks: number): void {
    this.#sender.miss(ticks);
  }

  /** 20 ms that did not come as they are to be heard. */
  sendPcm(pcm: Int16Array, rate: VoiceRate, dbov: number, atMs: number): void {
    if (!this.#encoder || this.#encoderRate !== rate) {
      this.#encoder?.close();
      this.#encoder = createEncoder(this.codec, { sampleRate: rate });
      this.#encoderRate = rate;
    }
    this.send(this.#encoder.encode(pcm), dbov, atMs);
  }

  /** A packet when it comes: whoever receives it has a jitter buffer of its own. */
  forward(packet: RtpPacket, dbov: number, atMs: number): void {
    const ticks = this.#ticksOf(packet.payload);
    if (ticks === 0) return;
    const buffer = this.#parts.buffers.take();
    this.#put(buffer, this.#sender.forward(buffer, packet, this.#format(ticks, dbov), atMs));
  }

  close(): void {
    this.#encoder?.close();
    this.#encoder = undefined;
  }

  #format(ticks: number, dbov: number) {
    const { payloadType, levelId } = this.#parts.entry;
    return { payloadType, clockRate: this.#clockRate, ticks, level: { id: levelId, dbov } };
  }

  #put(buffer: Buffer, length: number): void {
    const { ip, port } = this.#parts.entry;
    if (length > 0) this.#parts.socket.send(buffer, 0, length, port, ip);
  }
}
