import type { Clock } from '../../core/clock.ts';
import { digestOf } from './match-pin.ts';

/** Of more, who was right longest ago is forgotten. Some 200 bytes each. */
const mostCallers = 10_000;
/** A meeting that is held each month. */
const rememberedMs = 35 * 86_400_000;

/** From where which PIN was right lately. Of PINs the digests of this process stand here. */
export class KnownCallers {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #untilMs = new Map<string, number>();
  /** How many PINs of a source stand there. */
  readonly #sources = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#untilMs.size;
  }

  /** Whether any PIN was right there. */
  hasSource(source: string): boolean {
    return this.#sources.has(source);
  }

  has(source: string, pin: string): boolean {
    return (this.#untilMs.get(keyOf(source, pin)) ?? 0) > this.#clock.monotonicMs();
  }

  right(source: string, pin: string): void {
    const nowMs = this.#clock.monotonicMs();
    const key = keyOf(source, pin);
    this.#forget(key);
    this.#untilMs.set(key, nowMs + rememberedMs);
    this.#sources.set(source, (this.#sources.get(source) ?? 0) + 1);
    for (const [oldest, untilMs] of this.#untilMs) {
      if (this.#untilMs.size <= mostCallers && untilMs > nowMs) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    if (!this.#untilMs.delete(key)) return;
    const source = key.slice(key.indexOf(' ') + 1);
    const left = (this.#sources.get(source) ?? 1) - 1;
    if (left === 0) this.#sources.delete(source);
    else this.#sources.set(source, left);
  }
}

function keyOf(source: string, pin: string): string {
  return `${digestOf(pin).toString('base64')} ${source}`;
}
