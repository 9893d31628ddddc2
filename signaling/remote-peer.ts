import type { Life } from '../cluster/directory.ts';
import type { PeerId } from '../core/ids.ts';
import type { PeerInfo, PhoneInfo, ProducerInfo } from '../proto/gen/types.ts';
import type { Member } from './member.ts';
import { rosterBytesOf } from './roster-budget.ts';

/** What another node says of one of its peers. */
export type RemoteDescription = Pick<
  PeerInfo,
  'identity' | 'name' | 'metadata' | 'kind' | 'joinedAtMs' | 'away' | 'handRaised' | 'phone'
>;

export interface RemotePlace {
  readonly node: Life;
  readonly generation: number;
}

/** A peer of another node: what is known of it here. It is sent nothing from here. */
export class RemotePeer implements Member {
  readonly id: PeerId;
  readonly joinIndex: number;
  #place: RemotePlace;
  #description: RemoteDescription;
  #rosterBytes = 0;

  constructor(id: PeerId, description: RemoteDescription, at: RemotePlace & { readonly joinIndex: number }) {
    this.id = id;
    this.#place = at;
    this.joinIndex = at.joinIndex;
    this.#description = description;
    this.describe(description);
  }

  get node(): Life {
    return this.#place.node;
  }

  get generation(): number {
    return this.#place.generation;
  }

  moveTo(place: RemotePlace): void {
    this.#place = place;
  }

  get identity(): string {
    return this.#description.identity;
  }

  get kind(): PeerInfo['kind'] {
    return this.#description.kind;
  }

  get name(): string {
    return this.#description.name;
  }

  get metadata(): string {
    return this.#description.metadata;
  }

  get joinedAtMs(): number {
    return this.#description.joinedAtMs;
  }

  get away(): boolean {
    return this.#description.away;
  }

  get handRaised(): boolean {
    return this.#description.handRaised ?? false;
  }

  get phone(): PhoneInfo | undefined {
    return this.#description.phone;
  }

  get rosterBytes(): number {
    return this.#rosterBytes;
  }

  /** Its identity stays what it was: rosters are ordered by it. */
  describe({ name, metadata, kind, joinedAtMs, away, handRaised, phone }: RemoteDescription): void {
    this.#description = {
      identity: this.identity,
      name,
      metadata,
      kind,
      joinedAtMs,
      away,
      ...(handRaised && { handRaised }),
      ...(phone && { phone }),
    };
    this.#rosterBytes = rosterBytesOf(this);
  }

  toInfo(producers: readonly ProducerInfo[]): PeerInfo {
    return { peerId: this.id, ...this.#description, producers: [...producers] };
  }
}
