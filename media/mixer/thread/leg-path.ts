import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import type { LegMedia, ReceivedFormat, SrtpKeys } from '../../phones/sdp/leg-media.ts';
import { type Address, Latch, type LatchState } from '../rtp/latch.ts';
import { RtcpSession, type RtcpSessionState } from '../rtp/rtcp-session.ts';
import { isRtcp, parseRtp, type RtpPacket } from '../rtp/rtp-packet.ts';
import { RtpReceiver, type RtpReceiverState } from '../rtp/rtp-receiver.ts';
import { RtpSender, type RtpSenderState } from '../rtp/rtp-sender.ts';
import { SrtpContext, type SrtpState } from '../rtp/srtp-context.ts';
import { nowMs } from './now.ts';
import { maxPayloadBytes, type SendBuffers } from './send-buffers.ts';

/** Holds what comes while the thread is busy for a second. */
const socketBufferBytes = 64 * 1024;

/** In one tick: those of a second that was lost somewhere and comes at once, of 20 ms each. What is more is no voice. */
const maxPacketsPerTick = 64;
/**
 * Of addresses that nobody named, on each socket: enough to find a phone that is elsewhere than it said, and so few that a
 * flood costs neither the phone its share nor the thread its time.
 */
const maxStrangersPerTick = 16;

export interface LegPathParts {
  readonly listenIp: string;
  /** Of RTP; RTCP has the next one. */
  readonly port: number;
  readonly cname: string;
  readonly ssrc?: number | undefined;
  /** Whose packets are believed where they come from elsewhere than was agreed on. */
  readonly signalledFrom: string | undefined;
  readonly buffers: SendBuffers;
  readonly state: LegPathState | undefined;
  /** Some packet came. */
  readonly onRead: () => void;
  /** What was done with a packet threw. */
  readonly onFailed: (error: unknown) => void;
  /** A packet of the other side, in one of the formats that were agreed on. `restarted`: of another stream than the one before. */
  readonly onPacket: (packet: RtpPacket, format: ReceivedFormat, restarted: boolean, atMs: number) => void;
}

/** What another thread needs to go on with the same stream. */
export interface LegPathState {
  readonly sender: RtpSenderState;
  readonly receiver: RtpReceiverState;
  readonly rtcp: RtcpSessionState;
  readonly latch: LatchState;
  readonly controlLatch: LatchState;
  readonly srtp: { readonly keys: SrtpKeys; readonly send: SrtpState; readonly receive: SrtpState } | undefined;
}

/** The way of one leg's packets: its sockets, who is listened to, and what keeps them secret. */
export class LegPath {
  readonly sender: RtpSender;
  readonly receiver: RtpReceiver;
  readonly rtcp: RtcpSession;
  readonly #parts: LegPathParts;
  readonly #rtp: Socket;
  readonly #control: Socket;
  readonly #latch: Latch;
  readonly #controlLatch: Latch;
  readonly #formats = new Map<number, ReceivedFormat>();
  #keys: SrtpKeys | undefined;
  #send: SrtpContext | undefined;
  #receive: SrtpContext | undefined;
  #media: LegMedia | undefined;
  readonly #share = new Share();
  readonly #controlShare = new Share();
  #closed = false;

  constructor(parts: LegPathParts) {
    this.#parts = parts;
    const { state, cname, listenIp, ssrc } = parts;
    this.sender = new RtpSender(state ? { state: state.sender } : ssrc === undefined ? {} : { ssrc });
    this.receiver = new RtpReceiver(state ? { state: state.receiver } : { clockRate: 8000 });
    const { sender, receiver } = this;
    this.rtcp = new RtcpSession({ sender, receiver, cname, ...(state && { state: state.rtcp }) });
    this.#latch = new Latch(state && { state: state.latch });
    this.#controlLatch = new Latch(state && { state: state.controlLatch });
    if (state?.srtp) {
      this.#keys = state.srtp.keys;
      this.#send = new SrtpContext({ state: state.srtp.send });
      this.#receive = new SrtpContext({ state: state.srtp.receive });
    }
    this.#rtp = openSocket(listenIp);
    this.#control = openSocket(listenIp);
  }

  /** @throws {Error} of the system, as when a port is in use; nothing is open then. */
  async bind(): Promise<void> {
    const { listenIp, port } = this.#parts;
    try {
      await bind(this.#rtp, listenIp, port);
      await bind(this.#control, listenIp, port + 1);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#rtp.on('message', (bytes, from) => {
      try {
        this.#take(bytes, plainOf(from));
      } catch (error) {
        this.#parts.onFailed(error);
      }
    });
    this.#control.on('message', (bytes, sender) => {
      try {
        const from = plainOf(sender);
        if (this.#controlShare.takes(this.#controlLatch.fits(from))) this.#takeControl(bytes, from, this.#controlLatch);
      } catch (error) {
        this.#parts.onFailed(error);
      }
    });
    // What cannot be sent is lost, as on any other path of UDP.
    this.#rtp.on('error', () => {});
    this.#control.on('error', () => {});
  }

  /** Where packets go now; undefined: nowhere. */
  get target(): Address | undefined {
    return this.#media?.remote && this.#latch.target;
  }

  setMedia(media: LegMedia): void {
    this.#media = media;
    this.#formats.clear();
    for (const format of media.receive) this.#formats.set(format.payloadType, format);
    const { remote } = media;
    const { signalledFrom } = this.#parts;
    this.#latch.expect(remote && { address: remote.ip, port: remote.port }, signalledFrom);
    this.#controlLatch.expect(remote && { address: remote.rtcpIp, port: remote.rtcpPort }, signalledFrom);
    this.#setKeys(media.srtp);
  }

  /** Sends what a buffer begins with; it is lost where the other side is not known. */
  send(packet: Buffer, length: number): void {
    const target = this.target;
    if (!target || this.#closed) return;
    const size = this.#send ? this.#send.protect(packet, length) : length;
    // Of before the key's first turn of numbers, as when a packet of the other side was overtaken.
    if (size < 0) return;
    this.#rtp.send(packet, 0, size, target.port, target.address);
  }

  /** Once per tick. */
  report(atMs: number, options: { readonly bye: boolean } = { bye: false }): void {
    this.#share.renew();
    this.#controlShare.renew();
    const { remote } = this.#media ?? {};
    if (!remote || this.#closed || !(options.bye || this.rtcp.isDue(atMs))) return;
    const target = remote.rtcpMux ? this.#latch.target : this.#controlLatch.target;
    if (!target) return;
    const packet = this.#parts.buffers.take();
    let length = this.rtcp.write(packet, atMs, options);
    if (length === 0) return;
    if (this.#send) length = this.#send.protectRtcp(packet, length);
    if (length < 0) return;
    const socket = remote.rtcpMux ? this.#rtp : this.#control;
    socket.send(packet, 0, length, target.port, target.address);
  }

  /** Without a word to the other side. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rtp.close();
    this.#control.close();
  }

  state(): LegPathState {
    const { sender, receiver } = this;
    const keys = this.#keys;
    return {
      sender: sender.state(),
      receiver: receiver.state(),
      rtcp: this.rtcp.state(),
      latch: this.#latch.state(),
      controlLatch: this.#controlLatch.state(),
      srtp:
        keys && this.#send && this.#receive
          ? { keys, send: this.#send.state(), receive: this.#receive.state() }
          : undefined,
    };
  }

  #take(bytes: Buffer, from: Address): void {
    this.#parts.onRead();
    if (!this.#share.takes(this.#latch.fits(from))) return;
    if (isRtcp(bytes)) {
      this.#takeControl(bytes, from, this.#latch);
      return;
    }
    const clear = this.#receive ? this.#receive.unprotect(bytes) : bytes;
    const packet = clear && parseRtp(clear);
    if (!packet || packet.payload.length > maxPayloadBytes) return;
    const atMs = nowMs();
    const { ssrc } = packet;
    const authenticated = this.#receive !== undefined;
    if (!this.#latch.accepts(from, { ssrc, authenticated }, atMs)) return;
    const format = this.#formats.get(packet.payloadType);
    if (!format) return;
    const verdict = this.receiver.take(packet, atMs);
    if (verdict === 'duplicate' || verdict === 'refused') return;
    this.#parts.onPacket(packet, format, verdict === 'restarted', atMs);
  }

  #takeControl(bytes: Buffer, from: Address, latch: Latch): void {
    const clear = this.#receive ? this.#receive.unprotectRtcp(bytes) : bytes;
    if (!clear || !isRtcp(clear)) return;
    const atMs = nowMs();
    const authenticated = this.#receive !== undefined;
    if (latch.accepts(from, { ssrc: clear.readUInt32BE(4), authenticated }, atMs)) this.rtcp.take(clear, atMs);
  }

  #setKeys(keys: SrtpKeys | undefined): void {
    const before = this.#keys;
    this.#keys = keys;
    if (!keys) {
      this.#send = undefined;
      this.#receive = undefined;
      return;
    }
    const { suite, sendKey, receiveKey, receiveMkiBytes: mkiBytes } = keys;
    if (!before || !this.#send || !this.#receive) {
      this.#send = new SrtpContext({ suite, key: sendKey });
      this.#receive = new SrtpContext({ suite, key: receiveKey, mkiBytes });
      return;
    }
    // The same key goes on with its counters: to begin anew would use up the same keystream twice.
    this.#send.rekey({ suite, key: sendKey });
    this.#receive.rekey({ suite, key: receiveKey, mkiBytes });
  }
}

/** What is looked at of what comes within a tick. */
class Share {
  #known = 0;
  #strange = 0;

  renew(): void {
    this.#known = 0;
    this.#strange = 0;
  }

  takes(isKnown: boolean): boolean {
    if (isKnown) this.#known += 1;
    else this.#strange += 1;
    return isKnown ? this.#known <= maxPacketsPerTick : this.#strange <= maxStrangersPerTick;
  }
}

/** By such addresses a socket of all of IPv6 knows phones of IPv4 (RFC 4291 section 2.5.5.2). */
const mapped = '::ffff:';

function plainOf(from: RemoteInfo): Address {
  return from.address.startsWith(mapped) ? { address: from.address.slice(mapped.length), port: from.port } : from;
}

/** Addresses are numbers already: to look them up would put off each packet by a turn. */
function openSocket(listenIp: string): Socket {
  const family = isIPv6(listenIp) ? 6 : 4;
  return createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    recvBufferSize: socketBufferBytes,
    lookup: (host, _options, callback) => callback(null, family === 6 && isIPv4(host) ? mapped + host : host, family),
  });
}

function bind(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    // Not shared with the other threads' processes: a port that is in use is to fail.
    socket.bind({ address, port, exclusive: true }, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}
