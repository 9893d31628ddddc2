// What two session descriptions agree on for one leg. Plain data: it goes from thread to thread.

import type { PhoneCodec } from '../../mixer/codecs/voice-codec.ts';
import type { SrtpSuite } from '../../mixer/rtp/srtp-keys.ts';

/** RFC 8866 section 6.7, from our side: `sendonly` is that we send and take nothing. */
export type LegDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface LegMedia {
  /** Where packets go. Undefined: the other side named no address (0.0.0.0), so nothing may be sent, not even RTCP. */
  readonly remote: RemoteEnd | undefined;
  /** What is sent. */
  readonly codec: PhoneCodec;
  readonly payloadType: number;
  /** How digits are sent; undefined: the other side has no RFC 4733. */
  readonly dtmf: DtmfFormat | undefined;
  /** How silence is sent (RFC 3389); undefined: not at all. */
  readonly cn: { readonly payloadType: number } | undefined;
  /** All that may come: the other side may change among it at any time (RFC 3264 section 7). */
  readonly receive: readonly ReceivedFormat[];
  /** From our side: `sendonly` is that we send and take nothing. */
  readonly direction: LegDirection;
  /** The other side does not want to hear us: its `sendonly`, `inactive` or zero address. */
  readonly held: boolean;
  /** How much of a voice goes into one packet: 10, 20, 40 or 60. */
  readonly ptimeMs: PacketMs;
  /** undefined: plain RTP. */
  readonly srtp: SrtpKeys | undefined;
  /** What the other side wants of Opus (RFC 7587 section 6.1); undefined for other codecs. */
  readonly opus: OpusWishes | undefined;
}

export type PacketMs = 10 | 20 | 40 | 60;

export interface RemoteEnd {
  /** As core's parseAddress writes it. */
  readonly ip: string;
  readonly port: number;
  /** Differs from `ip` only where `a=rtcp` (RFC 3605) says so. */
  readonly rtcpIp: string;
  /** As `port` with rtcp-mux. */
  readonly rtcpPort: number;
  /** RTCP comes and goes by the port of RTP (RFC 5761). */
  readonly rtcpMux: boolean;
}

export interface DtmfFormat {
  readonly payloadType: number;
  /** Of its durations. It is the codec's, unless the other side offers nothing else. */
  readonly clockRate: 8000 | 48_000;
}

export interface ReceivedFormat {
  readonly payloadType: number;
  readonly name: PhoneCodec | 'telephone-event' | 'CN';
  readonly clockRate: 8000 | 48_000;
}

export interface SrtpKeys {
  readonly suite: SrtpSuite;
  /** 30 bytes: the master key, then the salt. Ours stays the same as long as the suite does. */
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  /** How long the name of the key is in each packet of theirs (MKI); 0: none, as in ours. */
  readonly receiveMkiBytes: number;
}

export interface OpusWishes {
  /** Bits per second. */
  readonly maxAverageBitrate: number | undefined;
  /** Hz: it does not play more. */
  readonly maxPlaybackRate: number | undefined;
  readonly inBandFec: boolean;
  readonly discontinuous: boolean;
}
