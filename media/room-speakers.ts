import type { Emitter } from '../core/events.ts';
import type { PeerId } from '../core/ids.ts';
import type { Speakers } from '../proto/gen/node-types.ts';
import type { RoomMediaEvents } from './media.ts';
import type { RoomNodes } from './nodes/room-nodes.ts';

interface Speaking {
  readonly active: PeerId | undefined;
  /** The loudest first. */
  readonly peerIds: readonly PeerId[];
}

const nobody: Speaking = { active: undefined, peerIds: [] };

/**
 * Who is told to speak: whom the owner of the room names, so that it is the same on all nodes, or else whom this node hears.
 */
export class RoomSpeakers {
  readonly #events: Emitter<RoomMediaEvents>;
  readonly #nodes: RoomNodes | undefined;
  #heard = nobody;
  /** By the owner. */
  #ordered: (Speaking & { readonly term: number; readonly number: number }) | undefined;
  #told = nobody;
  #number = 0;

  constructor(events: Emitter<RoomMediaEvents>, nodes: RoomNodes | undefined) {
    this.#events = events;
    this.#nodes = nodes;
    nodes?.events.on('frame', ({ node, frame: { speakers } }) => {
      if (speakers) this.#take(node, speakers);
    });
    nodes?.events.on('roleChanged', ({ role }) => {
      if (!this.#tell() && role === 'owner') this.#say(nodes.all);
    });
    nodes?.events.on('came', ({ node }) => {
      if (nodes.role === 'owner') this.#say([node]);
    });
  }

  activeIs(active: PeerId | undefined): void {
    this.#heard = { ...this.#heard, active };
    this.#tell();
  }

  speakersAre(peerIds: readonly PeerId[]): void {
    this.#heard = { ...this.#heard, peerIds };
    this.#tell();
  }

  #take(node: string, { term, number, activePeerId, peerIds }: Speakers): void {
    if (!this.#nodes?.obeys(node, term)) return;
    if (this.#ordered?.term === term && this.#ordered.number >= number) return;
    const active = activePeerId === '' ? undefined : (activePeerId as PeerId);
    this.#ordered = { term, number, active, peerIds: peerIds as PeerId[] };
    this.#tell();
  }

  /** Answers whether there was something new. */
  #tell(): boolean {
    const now = (this.#nodes?.role === 'follower' && this.#ordered) || this.#heard;
    const before = this.#told;
    this.#told = now;
    const isOther = now.active !== before.active;
    const areOthers = !isSameSet(now.peerIds, before.peerIds);
    if (isOther) this.#events.emit('activeSpeakerChanged', { peerId: now.active });
    if (areOthers) this.#events.emit('speakersChanged', { peerIds: now.peerIds });
    if (!isOther && !areOthers) return false;
    if (this.#nodes?.role === 'owner') this.#say(this.#nodes.all);
    return true;
  }

  #say(to: readonly string[]): void {
    const nodes = this.#nodes;
    if (nodes === undefined) return;
    this.#number += 1;
    const { active = '', peerIds } = this.#told;
    const speakers = { term: nodes.term, number: this.#number, activePeerId: active, peerIds: [...peerIds] };
    for (const node of to) nodes.send(node, { speakers }, 'reliable');
  }
}

function isSameSet(some: readonly PeerId[], others: readonly PeerId[]): boolean {
  const known = new Set(others);
  return some.length === others.length && some.every((peerId) => known.has(peerId));
}
