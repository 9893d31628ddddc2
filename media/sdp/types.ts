// What a session description (RFC 8866) says, in the words of the RTP, ICE and DTLS parameters of the contract.

import type {
  DtlsParameters,
  IceCandidate,
  IceParameters,
  RtpCodecCapability,
  RtpCodecParameters,
  RtpParameters,
  SctpParameters,
} from '../../proto/gen/types.ts';
import type { MediaKind } from '../media.ts';

/** RFC 8866 section 6.7. */
export type SdpDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** RFC 8285 section 5. */
export interface SdpExtension {
  readonly uri: string;
  readonly id: number;
  /** Empty: none was said, which means both ways. */
  readonly direction: '' | SdpDirection;
}

/** One m-line and what follows it. */
export interface SdpSection {
  readonly index: number;
  /** RFC 5888. Empty where the only section has none. */
  readonly mid: string;
  readonly kind: MediaKind | 'application';
  /** Port 0, outside of the bundle, or of a protocol that is not served: to be answered by port 0, and nothing else of it was read. */
  readonly rejected: boolean;
  readonly direction: SdpDirection;
  /** In the order of preference; payload types are the client's. */
  readonly codecs: readonly RtpCodecCapability[];
  readonly extensions: readonly SdpExtension[];
  /** RFC 8851. */
  readonly rids: readonly { readonly id: string; readonly direction: 'send' | 'recv' }[];
  /** Ids of the layers that the client can send (RFC 8853), in its order; empty without simulcast. */
  readonly simulcastSend: readonly string[];
  /** RFC 5576, without those of retransmissions and of error correction. */
  readonly ssrcs: readonly {
    readonly ssrc: number;
    readonly cname: string | undefined;
    /** The SSRC that repairs it (RFC 4588). */
    readonly rtx: number | undefined;
  }[];
  /** RFC 8841. */
  readonly sctpPort: number | undefined;
  readonly protocol: string;
  /** RFC 5506. */
  readonly reducedSize: boolean;
}

/** An offer or an answer whose sections share one transport (RFC 9143). */
export interface SdpDescription {
  readonly sections: readonly SdpSection[];
  /** Mids of the sections that share the transport; without the empty one. */
  readonly bundle: readonly string[];
  readonly ice: { readonly ufrag: string; readonly pwd: string };
  /** The client's certificate, and the role that it takes or has to take: `client` unless it is `passive`. */
  readonly dtls: DtlsParameters;
  readonly setup: 'actpass' | 'active' | 'passive';
  /** Candidates may follow (RFC 8838). */
  readonly trickle: boolean;
  /** RFC 8285 section 4.1: one-byte and two-byte header extensions in one stream. */
  readonly extmapAllowMixed: boolean;
}

/** The server's end of a transport. */
export interface ServerEnd {
  readonly iceParameters: IceParameters;
  readonly iceCandidates: readonly IceCandidate[];
  readonly dtlsParameters: DtlsParameters;
  /** undefined: no data channels. */
  readonly sctp: SctpParameters | undefined;
}

/** A track that the server sends. The ids are those of `MediaStream` and of its track (RFC 8830). */
export interface SentTrack {
  readonly rtpParameters: RtpParameters;
  readonly streamId: string;
  readonly trackId: string;
}

/** What becomes of a section of an offer. */
export type AnsweredSection =
  /** Port 0: for the client the section is over. */
  | { readonly kind: 'rejected' }
  /** Nothing flows now; the client may offer it again. */
  | { readonly kind: 'inactive' }
  | { readonly kind: 'receive'; readonly rtpParameters: RtpParameters }
  | ({ readonly kind: 'send' } & SentTrack)
  /** A call: both at once, or what of it a hold leaves. */
  | {
      readonly kind: 'both';
      readonly direction: SdpDirection;
      readonly receive: RtpParameters;
      readonly send: SentTrack;
    }
  | { readonly kind: 'data' };

/** A section of the server's own offer. */
export interface OfferedSection {
  readonly mid: string;
  readonly kind: MediaKind | 'application';
  /** undefined: nothing is sent. */
  readonly send: SentTrack | undefined;
  /** Of a call, where the client sends too, by these header extensions. Without it, the section is `sendonly`. */
  readonly receive?:
    | { readonly direction: SdpDirection; readonly headerExtensions: RtpParameters['headerExtensions'] }
    | undefined;
  /**
   * Of a section without a track: the codecs that it lists while it waits for its next track. Without them, the section is
   * closed by port 0. Data channels need none.
   */
  readonly idle?: readonly RtpCodecParameters[] | undefined;
}
