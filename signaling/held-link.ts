import type { ErrorReason } from '../core/errors.ts';
import type { EventMessage } from '../core/event-message.ts';
import type { ConnectionId } from '../core/ids.ts';
import type { EventName } from '../proto/gen/types.ts';
import type { ClientLink } from './client-link.ts';

/**
 * Keeps events back until the answer that they follow is on its way. An answer that was waited for goes out some promises
 * after it was made; an event of those moments would overtake the snapshot in it. Holds one turn's events, no more.
 */
export class HeldLink implements ClientLink {
  readonly #link: ClientLink;
  #held: EventMessage[] | undefined = [];
  #onDrained: (() => void) | undefined;

  constructor(link: ClientLink) {
    this.#link = link;
  }

  get id(): ConnectionId {
    return this.#link.id;
  }

  get remoteAddress(): string {
    return this.#link.remoteAddress;
  }

  get onDrained(): (() => void) | undefined {
    return this.#onDrained;
  }

  set onDrained(callback: (() => void) | undefined) {
    this.#onDrained = callback;
  }

  /** Its reader is behind until it is released: records are kept in the log, not here. */
  offerLog(event: EventMessage): boolean {
    return this.#held === undefined && this.#link.offerLog(event);
  }

  send(event: EventMessage): void {
    if (this.#held) this.#held.push(event);
    else this.#link.send(event);
  }

  close(reason: ErrorReason): void {
    this.release();
    this.#link.close(reason);
  }

  /**
   * Sends what was kept back, or only the events of one name; from now on events pass. Whoever follows a log goes on over the
   * link itself.
   */
  release(only?: EventName): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) if (only === undefined || event.name === only) this.#link.send(event);
    const drained = this.#onDrained;
    this.#onDrained = undefined;
    drained?.();
  }
}
