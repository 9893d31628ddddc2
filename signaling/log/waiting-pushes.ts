import type { LogPush } from '../../cluster/room-log.ts';

/** Of one room; what comes beyond it is read from the store. */
const maxRecords = 1_000;
const maxBytes = 1024 * 1024;

/** Pushes that wait for what is before them, in the order of their numbers. */
export class WaitingPushes {
  readonly #pushes: LogPush[] = [];
  #records = 0;
  #bytes = 0;

  get size(): number {
    return this.#pushes.length;
  }

  get first(): LogPush | undefined {
    return this.#pushes[0];
  }

  /** Answers whether there was space for it. */
  add(push: LogPush): boolean {
    const isFull = this.#records + push.count > maxRecords || this.#bytes + push.bytes > maxBytes;
    if (isFull && this.#pushes.length > 0) return false;
    let at = this.#pushes.length;
    while (at > 0 && (this.#pushes[at - 1]?.firstSeq ?? 0) > push.firstSeq) at -= 1;
    this.#pushes.splice(at, 0, push);
    this.#count(push, 1);
    return true;
  }

  shift(): void {
    const first = this.#pushes.shift();
    if (first !== undefined) this.#count(first, -1);
  }

  all(): ReadonlySet<LogPush> {
    return new Set(this.#pushes);
  }

  epochs(): Set<string> {
    return new Set(this.#pushes.map(({ epoch }) => epoch));
  }

  drop(which: (push: LogPush) => boolean): void {
    for (const push of this.#pushes.splice(0)) {
      this.#count(push, -1);
      if (!which(push)) this.add(push);
    }
  }

  #count({ count, bytes }: LogPush, sign: 1 | -1): void {
    this.#records += sign * count;
    this.#bytes += sign * bytes;
  }
}
