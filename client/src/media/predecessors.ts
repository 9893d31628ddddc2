// What is received in place of a track until that comes itself.

import type { Legacy, Predecessor } from './legacy.ts';
import type { ReceivedTrack } from './remote-track.ts';

/** Another one that goes on by itself until then. */
export interface Replaced<Other> {
  readonly other: Other;
  readonly end: () => void;
}

export class Predecessors<Other> {
  /** The same, by the transport of the node where the session was before. */
  #kept: Predecessor | undefined;
  /** Of others that are not there any more; what is not ended sooner ends by itself. */
  #legacies: Legacy[] = [];
  #replaced: Replaced<Other>[] = [];

  get any(): boolean {
    return this.#kept !== undefined || this.#legacies.length > 0 || this.#replaced.length > 0;
  }

  /** What is shown; of those that go on by themselves nothing. */
  get track(): ReceivedTrack | undefined {
    return this.#kept?.track ?? this.#legacies.findLast(({ track }) => track !== undefined)?.track;
  }

  keep(kept: Predecessor): void {
    this.#kept = kept;
  }

  inherit(legacy: Legacy): void {
    this.#legacies.push(legacy);
  }

  replace(...replaced: readonly Replaced<Other>[]): void {
    this.#replaced.push(...replaced);
  }

  replaces(other: Other): boolean {
    return this.#replaced.some((replaced) => replaced.other === other);
  }

  /** For somebody else to show and to end. */
  take(): { readonly shown: readonly Predecessor[]; readonly replaced: readonly Replaced<Other>[] } {
    const kept = this.#kept;
    this.#kept = undefined;
    const shown = [...this.#legacies.splice(0), ...(kept ? [kept] : [])];
    return { shown, replaced: this.#replaced.splice(0) };
  }

  endKept(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.end();
  }

  endLegacies(): void {
    for (const legacy of this.#legacies.splice(0)) legacy.end();
  }

  end(): void {
    const { shown, replaced } = this.take();
    for (const predecessor of [...shown, ...replaced]) predecessor.end();
  }
}
