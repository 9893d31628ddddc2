// Who writes a message just now. It is told, not kept.

import type { Clock, Timer } from '../../core/clock.ts';
import { EventMessage } from '../../core/event-message.ts';
import type { TypingChanged } from '../../proto/gen/types.ts';
import type { Peer } from '../peer.ts';

/** Somebody who does not say it again is forgotten. */
const typingMs = 6_000;
/** What changes within this time is told together: what was taken back in it, not at all. */
const collectMs = 100;
/** People who write at once; of further ones nobody is told. */
const maxTyping = 20;

interface TypingParts {
  readonly room: string;
  readonly members: () => Iterable<Peer>;
  readonly clock: Clock;
  /** What changed here, for the other nodes. */
  readonly relay: (changed: TypingChanged) => void;
}

interface Writer {
  readonly name: string;
  /** At this node. */
  readonly isHere: boolean;
  readonly expiry: Timer;
}

export class Typing {
  readonly #parts: TypingParts;
  readonly #writers = new Map<string, Writer>();
  readonly #changed = new Map<string, Pick<Writer, 'name' | 'isHere'>>();
  readonly #told = new Set<string>();
  #flush: Timer | undefined;

  constructor(parts: TypingParts) {
    this.#parts = parts;
  }

  set({ identity, name }: Pick<Peer, 'identity' | 'name'>, typing: boolean): void {
    if (!typing) {
      this.stopped(identity);
      return;
    }
    const known = this.#writers.get(identity);
    if (known === undefined && this.#writers.size >= maxTyping) return;
    known?.expiry.cancel();
    const expiry = this.#parts.clock.after(typingMs, () => this.stopped(identity));
    this.#writers.set(identity, { name, isHere: true, expiry });
    this.#collect(identity, { name, isHere: true });
  }

  /** It sent its message, left, was muted, or stopped. */
  stopped(identity: string): void {
    const writer = this.#writers.get(identity);
    if (writer === undefined) return;
    writer.expiry.cancel();
    this.#writers.delete(identity);
    this.#collect(identity, writer);
  }

  /** Another node says so. */
  heard({ identity, name, typing }: Omit<TypingChanged, 'room'>): void {
    const known = this.#writers.get(identity);
    if (typing && known === undefined && this.#writers.size >= maxTyping) return;
    known?.expiry.cancel();
    if (typing) {
      const expiry = this.#parts.clock.after(typingMs, () => this.stopped(identity));
      this.#writers.set(identity, { name, isHere: false, expiry });
    } else {
      this.#writers.delete(identity);
    }
    // It was collected where it happened.
    this.#tell(identity, { name, isHere: false });
  }

  close(): void {
    for (const { expiry } of this.#writers.values()) expiry.cancel();
    this.#writers.clear();
    this.#changed.clear();
    this.#flush?.cancel();
  }

  #collect(identity: string, { name, isHere }: Pick<Writer, 'name' | 'isHere'>): void {
    this.#changed.set(identity, { name, isHere });
    this.#flush ??= this.#parts.clock.after(collectMs, () => {
      this.#flush = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const one of changed) this.#tell(...one);
    });
  }

  /** Its other devices need not be told what the person does. */
  #tell(identity: string, { name, isHere }: Pick<Writer, 'name' | 'isHere'>): void {
    const typing = this.#writers.has(identity);
    if (!typing && !this.#told.has(identity)) return;
    if (typing) this.#told.add(identity);
    else this.#told.delete(identity);
    const changed = { room: this.#parts.room, identity, name, typing };
    if (isHere) this.#parts.relay(changed);
    const message = new EventMessage('typingChanged', changed);
    for (const peer of this.#parts.members()) {
      if (peer.identity !== identity) peer.link?.send(message);
    }
  }
}
