import type { Peer, PeerCompanion } from './peer.ts';
import { unlessGone } from './unless-gone.ts';

/** What data of a peer stands on, so that it ends with the grant for it. */
export class DataTransports implements PeerCompanion {
  static readonly #ofPeers = new WeakMap<Peer, DataTransports>();
  readonly #peer: Peer;
  #send = '';
  #recv = '';

  private constructor(peer: Peer) {
    this.#peer = peer;
  }

  static of(peer: Peer): DataTransports {
    const known = DataTransports.#ofPeers.get(peer);
    if (known) return known;
    const made = new DataTransports(peer);
    DataTransports.#ofPeers.set(peer, made);
    peer.accompany(made);
    return made;
  }

  opened({ sendTransportId, recvTransportId }: { sendTransportId: string; recvTransportId: string }): void {
    this.#send = sendTransportId || this.#send;
    this.#recv = recvTransportId || this.#recv;
  }

  reviewed(): void {
    const { grants } = this.#peer;
    if (!grants.has('publish:data')) {
      this.#close(this.#send);
      this.#send = '';
    }
    if (!grants.has('subscribe')) {
      this.#close(this.#recv);
      this.#recv = '';
    }
  }

  left(): void {}

  /** Media does not tell an owner of what the owner closes; this owner did not. */
  #close(transportId: string): void {
    if (transportId === '') return;
    const { id, room } = this.#peer;
    unlessGone(() => {
      for (const consumerId of room.media.closeTransport(id, transportId)) this.#peer.removeConsumer(consumerId);
      room.send(this.#peer, 'transportClosed', { room: room.name, transportId });
    });
  }
}
