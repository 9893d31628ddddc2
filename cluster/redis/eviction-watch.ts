import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { RedisLink } from './redis-link.ts';

/** An operator may set it while Redis runs. */
const lookEveryMs = 60_000;

interface EvictionWatchParts {
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What Redis throws away when its memory is used up: it must be nothing, or messages and leases vanish without a word. */
export class EvictionWatch {
  readonly #parts: EvictionWatchParts;
  readonly #unsubscribe: () => void;
  #timer: Timer | undefined;
  #policy: string | undefined;
  #closed = false;

  constructor(parts: EvictionWatchParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.link.events.on('replaced', () => void this.#look());
    void this.#lookAgain();
  }

  /** Another one than `noeviction`, as in `allkeys-lru`; undefined: none was found. */
  get policy(): string | undefined {
    return this.#policy;
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.#timer?.cancel();
  }

  async #lookAgain(): Promise<void> {
    await this.#look();
    if (!this.#closed) this.#timer = this.#parts.clock.after(lookEveryMs, () => void this.#lookAgain());
  }

  async #look(): Promise<void> {
    const { link, log } = this.#parts;
    try {
      const infos = await Promise.all(link.masters.map((master) => master.call('', 'info', ['memory'])));
      const policies = infos.map((info) => /^maxmemory_policy:(.*?)\r?$/m.exec(String(info))?.[1] ?? 'noeviction');
      this.#policy = policies.find((policy) => policy !== 'noeviction');
    } catch (error) {
      // What is away now is asked later.
      log.debug({ err: error }, 'Redis does not say what it throws away');
    }
  }
}
