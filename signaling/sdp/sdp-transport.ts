import { randomInt } from 'node:crypto';
import type { MadeTransport, TransportRequest } from '../../media/media.ts';
import { refuseSdp } from '../../media/sdp/sdp-values.ts';
import type { ServerEnd } from '../../media/sdp/types.ts';
import type { DtlsParameters } from '../../proto/gen/types.ts';
import type { Peer } from '../peer.ts';
import { unlessGone } from '../unless-gone.ts';

/** The server's end of one PeerConnection: a transport of the peer's, as session descriptions speak of it. */
export class SdpTransport {
  /** The transport's: what says it is of no use to others, for only its peer can name it. */
  readonly id: string;
  /** What the descriptions of this end have in `o=` (RFC 8866 section 5.2). */
  readonly sdpId = String(randomInt(1, 2 ** 47));
  readonly #peer: Peer;
  #end: ServerEnd;
  #certificate: string | undefined;
  #connecting: Promise<void> | undefined;

  static async open(peer: Peer, request: TransportRequest): Promise<SdpTransport> {
    return new SdpTransport(peer, await peer.room.media.createTransport(peer.id, request));
  }

  private constructor(peer: Peer, made: MadeTransport) {
    const { transportId, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = made;
    this.id = transportId;
    this.#peer = peer;
    this.#end = { iceParameters, iceCandidates, dtlsParameters, sctp: sctpParameters };
  }

  get end(): ServerEnd {
    return this.#end;
  }

  /**
   * Takes the client's certificate, which is to stay what it is: DTLS is done once.
   * @throws {AppError} SDP_REFUSED when it is another one; DTLS_PARAMETERS_REFUSED, by rejection
   */
  async connect(dtls: DtlsParameters): Promise<void> {
    const certificate = dtls.fingerprints.map(({ algorithm, value }) => `${algorithm} ${value}`).join();
    this.#certificate ??= certificate;
    if (certificate !== this.#certificate) refuseSdp('its certificate is another one than before: open a new session');
    this.#connecting ??= this.#connect(dtls);
    await this.#connecting;
  }

  /** What was refused may be tried again, with another certificate. */
  async #connect(dtls: DtlsParameters): Promise<void> {
    try {
      await this.#peer.room.media.connectTransport(this.#peer.id, this.id, dtls);
    } catch (error) {
      this.#certificate = undefined;
      this.#connecting = undefined;
      throw error;
    }
  }

  /** From now on the client's checks need the new credentials (RFC 8445 section 2.4). */
  async restartIce(): Promise<void> {
    const iceParameters = await this.#peer.room.media.restartIce(this.#peer.id, this.id);
    this.#end = { ...this.#end, iceParameters };
  }

  close(): void {
    unlessGone(() => this.#peer.room.media.closeTransport(this.#peer.id, this.id));
  }
}
