import { AppError } from '../../core/errors.ts';
import type { OfferSlots } from '../../media/sdp/slots.ts';
import type { OfferedSection, SentTrack } from '../../media/sdp/types.ts';
import type { ConsumeResponse, ProducerInfo, SdpTrack } from '../../proto/gen/types.ts';
import type { Peer } from '../peer.ts';
import { unlessGone } from '../unless-gone.ts';

/** Of a producer, and whose it is. */
interface RoomTrack {
  readonly peerId: string;
  readonly producer: ProducerInfo;
}

interface Received extends RoomTrack {
  readonly mid: string;
  readonly consumer: ConsumeResponse;
  flows: boolean;
}

/** The consumers of a session that receives by offers: each has a section, as long as its producer is wanted. */
export class ReceivedTracks {
  readonly #peer: Peer;
  readonly #transportId: string;
  readonly #slots: OfferSlots;
  readonly #streamId: string | undefined;
  /** By producer. */
  readonly #received = new Map<string, Received>();
  /** Producers that have a section, consumed or not. At most as many as there are slots. */
  readonly #placed = new Set<string>();
  /** Not to be offered again: the client has no codec for them, or closed their sections. */
  readonly #refused = new Set<string>();
  #failure: AppError | undefined;

  constructor(peer: Peer, transportId: string, slots: OfferSlots, streamId: string | undefined) {
    this.#peer = peer;
    this.#transportId = transportId;
    this.#slots = slots;
    this.#streamId = streamId;
  }

  /**
   * Consumes what is wanted and not there, and closes what is there and not wanted. Answers whether it is worth doing again:
   * something found no section that could have one now.
   */
  async follow(wanted: ReadonlyMap<string, RoomTrack>): Promise<boolean> {
    for (const producerId of this.#refused) if (!wanted.has(producerId)) this.#refused.delete(producerId);
    const added = [...wanted].filter(([id]) => !this.#received.has(id) && !this.#refused.has(id));
    const gone = [...this.#placed].filter((id) => !wanted.has(id));
    await Promise.all(added.map(([, track]) => this.#consume(track)));
    // After new ones have theirs: so a client sees a section end before it carries something else.
    for (const producerId of gone) {
      this.#placed.delete(producerId);
      this.#slots.release(producerId);
      this.#close(producerId);
    }
    return gone.length > 0 && added.some(([id]) => !this.#placed.has(id) && !this.#refused.has(id));
  }

  /** @throws {AppError} why nothing of what was asked for by its id is received. */
  requireAny({ auto }: { readonly auto: boolean }): void {
    if (!auto && this.#received.size === 0 && this.#failure !== undefined) throw this.#failure;
  }

  sentTrackOf(producerId: string): SentTrack | undefined {
    const track = this.#received.get(producerId);
    if (track === undefined) return undefined;
    const { consumer, peerId, producer } = track;
    // What is to be played in step is one stream (RFC 8830); a screen is not in step with a face.
    const streamId = this.#streamId ?? (producer.source.startsWith('screen') ? `${peerId}-screen` : peerId);
    return { rtpParameters: consumer.rtpParameters, streamId, trackId: producerId };
  }

  /** Equal for offers of the same tracks in the same sections. */
  describe(sections: readonly OfferedSection[]): string {
    const consumers = new Map([...this.#received.values()].map(({ mid, consumer }) => [mid, consumer.consumerId]));
    return sections.map(({ mid, send }) => `${mid} ${send === undefined ? '' : consumers.get(mid)}`).join('\n');
  }

  /** The client answered: what these sections have may flow. */
  async resume(mids: readonly string[]): Promise<void> {
    const answered = new Set(mids);
    const waiting = [...this.#received.values()].filter(({ mid, flows }) => !flows && answered.has(mid));
    await Promise.all(
      waiting.map(async (track) => {
        track.flows = true;
        await this.#peer.room.media.resumeConsumer(this.#peer.id, track.consumer.consumerId).catch(unlessKnown);
      }),
    );
  }

  /** Its client does not take what these sections have. */
  refuse(mids: ReadonlySet<string>): void {
    for (const [producerId, { mid }] of [...this.#received]) {
      if (!mids.has(mid)) continue;
      this.#refused.add(producerId);
      this.#placed.delete(producerId);
      this.#close(producerId);
      this.#slots.refuse(mid);
    }
  }

  /** They are asked for once more. */
  forgive(producerIds: readonly string[]): void {
    for (const producerId of producerIds) this.#refused.delete(producerId);
  }

  /** It ended by itself. Answers whether it was one of these. */
  forget(consumerId: string): boolean {
    for (const [producerId, { consumer }] of this.#received) {
      if (consumer.consumerId === consumerId) return this.#received.delete(producerId);
    }
    return false;
  }

  closeAll(): void {
    for (const producerId of [...this.#received.keys()]) this.#close(producerId);
  }

  toInfo(): SdpTrack[] {
    return [...this.#received.values()].map(({ mid, peerId, producer, consumer: { consumerId } }) => {
      const { source, paused, producerId } = producer;
      return { mid, source, paused, producerId, peerId, consumerId };
    });
  }

  async #consume(track: RoomTrack): Promise<void> {
    const { room, id } = this.#peer;
    const { producerId, kind } = track.producer;
    try {
      const mid = this.#slots.assign(producerId, kind);
      this.#placed.add(producerId);
      const consumer = await room.media.consume(id, { transportId: this.#transportId, producerId, mid });
      this.#received.set(producerId, { ...track, mid, consumer, flows: false });
      if (!this.#peer.grants.has('subscribe')) this.#close(producerId);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // It ended meanwhile, there is no room for it now, or the client cannot decode it.
      this.#slots.release(producerId);
      this.#placed.delete(producerId);
      this.#failure = error;
      if (error.reason === 'CANNOT_CONSUME') this.#refused.add(producerId);
    }
  }

  #close(producerId: string): void {
    const track = this.#received.get(producerId);
    if (track === undefined) return;
    this.#received.delete(producerId);
    unlessGone(() => this.#peer.room.media.closeConsumer(this.#peer.id, track.consumer.consumerId));
  }
}

/** It may have ended since the offer. */
function unlessKnown(error: unknown): void {
  if (!(error instanceof AppError)) throw error;
}
