// Who writes a message just now. It is told, not kept.

import type { Clock, Timer } from '../../core/clock.ts';
import { EventMessage } from '../../core/event-message.ts';
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
}

interface Writer {
  readonly name: string;
  readonly expiry: Timer;
}

export class Typing {
  readonly #parts: TypingParts;
  readonly #writers = new Map<string, Writer>();
  /** With the name that it goes by. */
  readonly #changed = new Map<string, string>();
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
    this.#writers.set(identity, { name, expiry });
    this.#collect(identity, name);
  }

  /** It sent its message, left, was muted, or stopped. */
  stopped(identity: string): void {
    const writer = this.#writers.get(identity);
    if (writer === undefined) return;
    writer.expiry.cancel();
    this.#writers.delete(identity);
    this.#collect(identity, writer.name);
  }

  close(): void {
    for (const { expiry } of this.#writers.values()) expiry.cancel();
    this.#writers.clear();
    this.#changed.clear();
    this.#flush?.cancel();
  }

  #collect(identity: string, name: string): void {
    this.#changed.set(identity, name);
    this.#flush ??= this.#parts.clock.after(collectMs, () => {
      this.#flush = undefined;
      const changed = [...this.#changed];
      this.#changed.clear();
      for (const one of changed) this.#tell(...one);
    });
  }

  /** Its other devices need not be told what the person does. */
  #tell(identity: string, name: string): void {
    const typing = this.#writers.has(identity);
    if (!typing && !this.#told.has(identity)) return;
    if (typing) this.#told.add(identity);
    else this.#told.delete(identity);
    const message = new EventMessage('typingChanged', { room: this.#parts.room, identity, name, typing });
    for (const peer of this.#parts.members()) {
      if (peer.identity !== identity) peer.link?.send(message);
    }
  }
}
