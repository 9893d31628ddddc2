import type { PhoneLeg } from '../../../media/phones/phone-media.ts';
import type { PhoneDesk, PhoneJoin, PhonePeer } from '../../../signaling/phones/phone-desk.ts';

/** A phone that rings and is heard in its call's room already, as the peer that it will be once it is answered. */
export class EarlyPeer {
  readonly #leg: PhoneLeg;
  readonly #entered: Promise<void>;
  #peer: PhonePeer | undefined;
  #over = false;

  constructor(desk: PhoneDesk, leg: PhoneLeg, join: PhoneJoin) {
    this.#leg = leg;
    // The call goes on without it.
    this.#entered = this.#enter(desk, join).catch(() => this.leave());
  }

  /** Tells the room with which codec it is heard: another place that rings may have another one. */
  showMedia(): void {
    const { codec, encrypted } = this.#leg;
    this.#peer?.setState({ codec: codec ?? '', encrypted });
  }

  /** It was answered: the peer, whose leg is in the room. Undefined: it is in none. @throws {AppError} CALL_OVER */
  async answer(): Promise<PhonePeer | undefined> {
    await this.#entered;
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer === undefined || peer.left) return undefined;
    await peer.answer();
    return peer;
  }

  /** It comes to nothing. After the answer, nothing happens. */
  leave(): void {
    this.#over = true;
    this.#peer?.leave('left');
    this.#peer = undefined;
  }

  async #enter(desk: PhoneDesk, join: PhoneJoin): Promise<void> {
    const peer = await desk.join(join);
    if (this.#over) {
      peer.leave('left');
      return;
    }
    this.#peer = peer;
    await this.#leg.enter(peer.media, peer.peerId, peer.identity);
    this.showMedia();
  }
}
