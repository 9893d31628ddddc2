import type { TypingChanged } from '../../../proto/gen/types.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';

export interface TypingParts {
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  readonly identity: () => string | undefined;
  onChanged(): void;
}

type Timer = ReturnType<typeof setTimeout>;
type Writer = { readonly identity: string; readonly name: string };

/** More at once are not worth a name. */
const maxWriters = 100;

/** Who writes now: told of the caller, and heard of others. Nothing of it is worth a retry. */
export class Typing {
  readonly #parts: TypingParts;
  readonly #others = new Map<string, { readonly writer: Writer; readonly expiry: Timer }>();
  #writers: readonly Writer[] = [];
  #toldAtMs: number | undefined;
  #stopping: Timer | undefined;

  constructor(parts: TypingParts) {
    this.#parts = parts;
  }

  get writers(): readonly Writer[] {
    return this.#writers;
  }

  set(typing: boolean): void {
    clearTimeout(this.#stopping);
    const { typingRepeatMs, typingStopMs } = this.#parts.timing;
    if (!typing) {
      if (this.#toldAtMs !== undefined) this.#tell(false);
      this.#toldAtMs = undefined;
      return;
    }
    this.#stopping = setTimeout(() => this.set(false), typingStopMs);
    const nowMs = performance.now();
    if (this.#toldAtMs !== undefined && nowMs - this.#toldAtMs < typingRepeatMs) return;
    this.#toldAtMs = nowMs;
    this.#tell(true);
  }

  received({ identity, name, typing }: TypingChanged): void {
    if (identity === this.#parts.identity()) return;
    if (!typing) {
      this.stopped(identity);
      return;
    }
    const known = this.#others.get(identity);
    if (!known && this.#others.size >= maxWriters) return;
    clearTimeout(known?.expiry);
    const expiry = setTimeout(() => this.stopped(identity), this.#parts.timing.typingExpiryMs);
    this.#others.set(identity, { writer: { identity, name }, expiry });
    if (!known) this.#changed();
  }

  /** It said so, or its message is here. */
  stopped(identity: string): void {
    const known = this.#others.get(identity);
    if (!known) return;
    clearTimeout(known.expiry);
    this.#others.delete(identity);
    this.#changed();
  }

  /** The connection is lost, or the room left. */
  clear(): void {
    clearTimeout(this.#stopping);
    this.#toldAtMs = undefined;
    if (this.#others.size === 0) return;
    for (const { expiry } of this.#others.values()) clearTimeout(expiry);
    this.#others.clear();
    this.#changed();
  }

  #tell(typing: boolean): void {
    this.#parts.calls.call('chat.setTyping', { typing }).catch(() => {});
  }

  #changed(): void {
    this.#writers = [...this.#others.values()].map(({ writer }) => writer);
    this.#parts.onChanged();
  }
}
