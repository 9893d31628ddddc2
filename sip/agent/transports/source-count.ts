import { limitGroup } from '../../../core/ip-address.ts';

/** How many connections an address has; one customer's /64 of IPv6 counts as one. */
export class SourceCount {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** False when it has as many as it may; then it has not entered. */
  enter(address: string): boolean {
    const group = limitGroup(address);
    const count = this.#counts.get(group) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(group, count + 1);
    return true;
  }

  leave(address: string): void {
    const group = limitGroup(address);
    const count = (this.#counts.get(group) ?? 0) - 1;
    if (count > 0) this.#counts.set(group, count);
    else this.#counts.delete(group);
  }
}
