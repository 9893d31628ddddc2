// Ends the calls of processes that died: those of this node's own past when it starts, and those of other nodes.

import type { Life, NodeLeases } from '../../cluster/directory.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { nodeOf } from './call-journal.ts';
import type { CallRecords } from './call-records.ts';

interface AbandonedCallsParts {
  readonly records: CallRecords;
  /** Undefined: one node by itself. */
  readonly nodes: Pick<NodeLeases, 'life' | 'others' | 'events'> | undefined;
  /** Of this process. */
  readonly life: () => Life;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How often it is tried while the store fails, and the wait before the second time, which doubles. */
const maxTries = 6;
const retryMs = 5_000;

export class AbandonedCalls {
  readonly #parts: AbandonedCallsParts;
  readonly #timers = new Set<Timer>();
  readonly #end: () => void;
  #closed = false;

  constructor(parts: AbandonedCallsParts) {
    this.#parts = parts;
    const { nodes, life } = parts;
    this.#end = nodes?.events.on('died', (died) => this.#died(died.life)) ?? (() => {});
    this.#settle(nodeOf(life()), 1);
  }

  close(): void {
    this.#closed = true;
    this.#end();
    for (const timer of this.#timers) timer.cancel();
  }

  /** One node does it for all. Twice is once, where two take themselves for the first. */
  #died(dead: Life): void {
    const { nodes, life } = this.#parts;
    const isFirst = [...(nodes?.others.keys() ?? [])].every((other) => other === dead || life() < other);
    if (isFirst) this.#settle(nodeOf(dead), 1);
  }

  /**
   * Of a node in whose calls people of this one are, who look for the record then. Resolves when all of it is written, or was tried once.
   * Never rejects.
   */
  async settled(dead: Life): Promise<void> {
    await this.#try(nodeOf(dead)).catch(() => {});
  }

  async #try(node: string): Promise<void> {
    const { records, nodes, life } = this.#parts;
    await records.settle(node, (one) => one === life() || (nodes?.others.has(one) ?? false));
  }

  #settle(node: string, tries: number): void {
    const { clock, log } = this.#parts;
    this.#try(node).catch((error: unknown) => {
      if (this.#closed || tries >= maxTries) return;
      log.debug({ err: error, node }, 'calls that were left behind are ended later');
      const timer = clock.after(retryMs * 2 ** (tries - 1), () => {
        this.#timers.delete(timer);
        this.#settle(node, tries + 1);
      });
      this.#timers.add(timer);
    });
  }
}
