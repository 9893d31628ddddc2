// Calls of other nodes, as far as this one was told of them: because of its sessions, or because a phone of it is in them.

import type { Life } from '../../../cluster/directory.ts';
import type { CallInfo } from '../../../proto/gen/types.ts';

export interface KnownCall {
  readonly life: Life;
  /** As it was told last; undefined: this node has only phones in it. */
  call: CallInfo | undefined;
  /** Whose sessions here were told of it. */
  readonly identities: Set<string>;
}

/** Of more, the one that was heard of first is forgotten: its node is asked for, then. */
const maxKnown = 10_000;

export class KnownCalls {
  readonly #byId = new Map<string, KnownCall>();

  lifeOf(callId: string): Life | undefined {
    return this.#byId.get(callId)?.life;
  }

  roomOf(callId: string): string | undefined {
    return this.#byId.get(callId)?.call?.room;
  }

  heard(life: Life, callId: string, told?: { readonly call: CallInfo; readonly identity: string }): void {
    if (told?.call.state === 'ended') {
      this.#byId.delete(callId);
      return;
    }
    const known = this.#byId.get(callId) ?? { life, call: undefined, identities: new Set() };
    this.#byId.set(callId, known);
    if (told !== undefined) {
      known.call = told.call;
      known.identities.add(told.identity);
    }
    const [first] = this.#byId.keys();
    if (this.#byId.size > maxKnown && first !== undefined) this.#byId.delete(first);
  }

  /** It is over for somebody, who is not told of it any more. */
  left(callId: string, identity: string): void {
    this.#byId.get(callId)?.identities.delete(identity);
  }

  forget(callId: string): void {
    this.#byId.delete(callId);
  }

  /** All that went with a node. */
  takeOf(life: Life): KnownCall[] {
    const gone: KnownCall[] = [];
    for (const [callId, known] of this.#byId) {
      if (known.life !== life) continue;
      gone.push(known);
      this.#byId.delete(callId);
    }
    return gone;
  }
}
