import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel';
import { eventually } from './eventually.ts';

const ssrc = 42;
const payloadType = 111;
const clocksPerPacket = 960;
/** 20 ms of Opus in which nothing is said. */
const silence = [0xf8, 0xff, 0xfe];

/** Offers one sound with libdatachannel, which knows nothing of ours, and sends packets of silence. */
export class SoundSender implements Disposable {
  readonly offer: Promise<string>;
  readonly #peer: PeerConnection;
  readonly #track: Track;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#peer = new nodeDataChannel.PeerConnection('sender', { iceServers: [], bindAddress: '127.0.0.1' });
    const audio = new nodeDataChannel.Audio('audio', 'SendOnly');
    audio.addOpusCodec(payloadType);
    audio.addSSRC(ssrc, 'cname', 'stream', 'track');
    this.#track = this.#peer.addTrack(audio);
    this.offer = new Promise((resolve) => this.#peer.onLocalDescription(resolve));
    this.#peer.setLocalDescription();
  }

  /** Resolves when it sends. */
  async start(answer: string): Promise<void> {
    this.#peer.setRemoteDescription(answer, 'answer');
    await eventually(() => this.#track.isOpen(), 'an open track');
    let sequence = 0;
    this.#timer = setInterval(() => {
      sequence += 1;
      const packet = Buffer.alloc(15);
      packet.writeUInt8(0x80, 0);
      packet.writeUInt8(payloadType, 1);
      packet.writeUInt16BE(sequence, 2);
      packet.writeUInt32BE(sequence * clocksPerPacket, 4);
      packet.writeUInt32BE(ssrc, 8);
      packet.set(silence, 12);
      this.#track.sendMessageBinary(packet);
    }, 20);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#peer.close();
  }
}
