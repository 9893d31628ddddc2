import { ReplayWindow, type ReplayWindowState } from './replay-window.ts';
import { fixedHeaderBytes, isRtcp } from './rtp-packet.ts';
import { sequenceAhead } from './serial-numbers.ts';
import { hasTag, labels, masterBytes, maxPacketBytes, SrtpKeys, type SrtpSuite } from './srtp-keys.ts';

/** What one direction is encrypted with. */
export interface SrtpKey {
  readonly suite: SrtpSuite;
  /** Master key and salt, 30 bytes. */
  readonly key: Uint8Array;
  /** How long the master key's identifier is that comes with each packet; 0 where none was agreed on. */
  readonly mkiBytes?: number;
}

/** Can be sent to another thread. */
export interface SrtpState {
  readonly key: SrtpKey;
  readonly streams: readonly (readonly [ssrc: number, rtp: ReplayWindowState, rtcp: ReplayWindowState])[];
  readonly former: readonly (readonly [ssrc: number, highest: number])[];
}

interface Stream {
  readonly rtp: ReplayWindow;
  readonly rtcp: ReplayWindow;
}

/** The longest tag: so much room a packet needs behind it. */
export const srtpRoomBytes = 10;
/** RTCP's has its index before it. */
export const srtcpRoomBytes = 14;
/** RFC 4568 section 6.2.2: the short tag is RTP's alone. */
const rtcpTagBytes = 10;
const rtcpIndexBytes = 4;
const rtcpHeaderBytes = 8;
const encryptedFlag = 0x8000_0000;
/** SSRCs of a direction: each change of a phone's is one more. Of more than that the oldest is forgotten. */
const maxStreams = 16;

/**
 * SRTP of one direction (RFC 3711), with a key that came by SDP (RFC 4568). The packets' turns of 16 bits are counted here,
 * and nowhere else: the context lives as long as its call, moves with it, and goes on where an SDP brings the same key again.
 */
export class SrtpContext {
  #key: SrtpKey;
  #rtpKeys: SrtpKeys;
  #rtcpKeys: SrtpKeys;
  #streams = new Map<number, Stream>();
  /** How far streams were with the key before. */
  #former = new Map<number, number>();

  /** @throws {RangeError} for a key that is not 30 bytes long. */
  constructor(options: SrtpKey | { readonly state: SrtpState }) {
    this.#key = copyOf('state' in options ? options.state.key : options);
    this.#rtpKeys = new SrtpKeys(this.#key.key, labels.rtp);
    this.#rtcpKeys = new SrtpKeys(this.#key.key, labels.rtcp);
    if (!('state' in options)) return;
    for (const [ssrc, rtp, rtcp] of options.state.streams) {
      this.#streams.set(ssrc, { rtp: new ReplayWindow(rtp), rtcp: new ReplayWindow(rtcp) });
    }
    this.#former = new Map(options.state.former);
  }

  /**
   * An SDP brought a key. The same one: everything goes on. Another: packets are counted anew.
   *
   * @throws {RangeError} for a key that is not 30 bytes long; nothing has changed then.
   */
  rekey(key: SrtpKey): void {
    const isSame = Buffer.compare(key.key, this.#key.key) === 0;
    this.#key = copyOf(key);
    if (isSame) return;
    this.#rtpKeys = new SrtpKeys(this.#key.key, labels.rtp);
    this.#rtcpKeys = new SrtpKeys(this.#key.key, labels.rtcp);
    this.#former = new Map([...this.#streams].map(([ssrc, { rtp }]) => [ssrc, rtp.highest]));
    this.#streams = new Map();
  }

  /**
   * Encrypts and signs, in place, the RTP packet that is the first `length` bytes of `packet`, which has
   * {@link srtpRoomBytes} of room behind it. Answers the new length; -1, and nothing is changed: it is no RTP packet,
   * or from before the first turn of the numbers.
   */
  protect(packet: Buffer, length: number): number {
    const tagBytes = this.#tagBytes;
    const payloadAt = payloadOffset(packet, length);
    if (payloadAt < 0 || packet.length < length + tagBytes) return -1;
    const ssrc = packet.readUInt32BE(8);
    const stream = this.#streams.get(ssrc) ?? this.#open(ssrc, newStream());
    const index = indexOf(packet.readUInt16BE(2), stream.rtp.highest);
    if (index < 0) return -1;
    stream.rtp.add(index);
    this.#rtpKeys.crypt(packet, payloadAt, length, ssrc, index);
    const signature = this.#rtpKeys.sign(packet, length, turnOf(index));
    return length + packet.write(signature, length, tagBytes, 'latin1');
  }

  /** Checks and decrypts, in place; answers the RTP packet in the same memory. Undefined: it is not authentic, or came before. */
  unprotect(packet: Buffer): Buffer | undefined {
    const tagAt = packet.length - this.#tagBytes;
    const length = tagAt - (this.#key.mkiBytes ?? 0);
    const payloadAt = payloadOffset(packet, length);
    if (payloadAt < 0) return undefined;
    const ssrc = packet.readUInt32BE(8);
    const known = this.#streams.get(ssrc);
    const stream = known ?? newStream();
    const sequence = packet.readUInt16BE(2);
    let index = indexOf(sequence, stream.rtp.highest);
    if (index < 0 || stream.rtp.has(index)) return undefined;
    const isAuthentic = (candidate: number) =>
      hasTag(packet, tagAt, this.#tagBytes, this.#rtpKeys.sign(packet, length, turnOf(candidate)));
    if (!isAuthentic(index)) {
      // RFC 3711 section 3.3.1 has the turns go on with a new key; many phones begin at 0.
      const former = known ? undefined : this.#former.get(ssrc);
      if (former === undefined) return undefined;
      index = indexOf(sequence, former);
      if (index < 0 || !isAuthentic(index)) return undefined;
    }
    if (!known) this.#open(ssrc, stream);
    stream.rtp.add(index);
    this.#rtpKeys.crypt(packet, payloadAt, length, ssrc, index);
    return packet.subarray(0, length);
  }

  /** As {@link SrtpContext.protect}, for a compound RTCP packet, with {@link srtcpRoomBytes} of room. */
  protectRtcp(packet: Buffer, length: number): number {
    if (!isWholeRtcp(packet, length) || packet.length < length + srtcpRoomBytes) return -1;
    const ssrc = packet.readUInt32BE(4);
    const stream = this.#streams.get(ssrc) ?? this.#open(ssrc, newStream());
    const index = stream.rtcp.highest + 1;
    stream.rtcp.add(index);
    this.#rtcpKeys.crypt(packet, rtcpHeaderBytes, length, ssrc, index);
    const end = packet.writeUInt32BE((encryptedFlag | index) >>> 0, length);
    return end + packet.write(this.#rtcpKeys.sign(packet, end), end, rtcpTagBytes, 'latin1');
  }

  /** As {@link SrtpContext.unprotect}, for RTCP. */
  unprotectRtcp(packet: Buffer): Buffer | undefined {
    const tagAt = packet.length - rtcpTagBytes;
    const end = tagAt - (this.#key.mkiBytes ?? 0);
    const length = end - rtcpIndexBytes;
    if (!isWholeRtcp(packet, length)) return undefined;
    const ssrc = packet.readUInt32BE(4);
    const known = this.#streams.get(ssrc);
    const stream = known ?? newStream();
    const trailer = packet.readUInt32BE(length);
    const index = trailer & 0x7fff_ffff;
    if (stream.rtcp.has(index)) return undefined;
    if (!hasTag(packet, tagAt, rtcpTagBytes, this.#rtcpKeys.sign(packet, end))) return undefined;
    if (!known) this.#open(ssrc, stream);
    stream.rtcp.add(index);
    if (trailer >= encryptedFlag) this.#rtcpKeys.crypt(packet, rtcpHeaderBytes, length, ssrc, index);
    return packet.subarray(0, length);
  }

  /** Holds the key: it is as secret as that. */
  state(): SrtpState {
    return {
      key: this.#key,
      streams: [...this.#streams].map(([ssrc, { rtp, rtcp }]) => [ssrc, rtp.state(), rtcp.state()]),
      former: [...this.#former],
    };
  }

  get #tagBytes(): number {
    return this.#key.suite === 'AES_CM_128_HMAC_SHA1_32' ? 4 : 10;
  }

  #open(ssrc: number, stream: Stream): Stream {
    if (this.#streams.size >= maxStreams) {
      for (const oldest of this.#streams.keys()) {
        this.#streams.delete(oldest);
        break;
      }
    }
    this.#streams.set(ssrc, stream);
    return stream;
  }
}

function copyOf({ suite, key, mkiBytes = 0 }: SrtpKey): SrtpKey {
  if (key.length !== masterBytes) throw new RangeError(`A master key and its salt are ${masterBytes} bytes long.`);
  return { suite, key: Uint8Array.from(key), mkiBytes };
}

function newStream(): Stream {
  return { rtp: new ReplayWindow(), rtcp: new ReplayWindow() };
}

const turnOf = (index: number) => Math.floor(index / 0x1_0000);

/** RFC 3711 section 3.3.1: the number of 48 bits that is nearest to the highest one so far. Negative: from before the first. */
function indexOf(sequence: number, highest: number): number {
  return highest < 0 ? sequence : highest + sequenceAhead(sequence, highest & 0xffff);
}

/** Where what is encrypted begins; -1: it is no RTP packet, or too long. */
function payloadOffset(packet: Buffer, length: number): number {
  if (length < fixedHeaderBytes || length > maxPacketBytes || length > packet.length) return -1;
  const first = packet[0] ?? 0;
  if (first >> 6 !== 2) return -1;
  let at = fixedHeaderBytes + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (length < at + 4) return -1;
    at += 4 + 4 * packet.readUInt16BE(at + 2);
  }
  return at <= length ? at : -1;
}

function isWholeRtcp(packet: Buffer, length: number): boolean {
  return length >= rtcpHeaderBytes && length <= maxPacketBytes - rtcpIndexBytes && isRtcp(packet);
}
