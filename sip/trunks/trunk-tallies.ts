import { maxTallyBytes, type Tallies } from '../../cluster/directory.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { noBurst } from './ledger.ts';
import { readShares, writeShares } from './trunk-share.ts';
import type { Trunks } from './trunks.ts';

export interface TrunkTalliesParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly tallies: Tallies;
  readonly trunks: Pick<Trunks, 'shares' | 'countElsewhere'>;
}

/** Nodes may together go beyond a limit by what begins in this time. */
const everyMs = 1_000;

/** Makes limits hold for all nodes together: each tells what it has counted, and counts what the others have. */
export class TrunkTallies {
  readonly #parts: TrunkTalliesParts;
  #timer: Timer | undefined;
  #isAway = false;
  #isFull = false;
  #closed = false;

  constructor(parts: TrunkTalliesParts) {
    this.#parts = parts;
    void this.#again();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #again(): Promise<void> {
    await this.#tell();
    if (!this.#closed) this.#timer = this.#parts.clock.after(everyMs, () => void this.#again());
  }

  async #tell(): Promise<void> {
    const { tallies, trunks, log } = this.#parts;
    const { shares } = trunks;
    if (shares.length === 0) return;
    try {
      // Of most trunks nothing is to be told.
      const { text: mine, left } = writeShares(shares.filter(isNews), maxTallyBytes);
      if (left.length > 0 && !this.#isFull)
        log.warn({ trunks: left.length, first: left[0] }, 'there are more trunks than other nodes can be told of');
      this.#isFull = left.length > 0;
      const told = await tallies.tell(mine);
      this.#isAway = false;
      if (this.#closed) return;
      // The calls of a node that is dead are over, and what they cost is not. Its last minutes would never be over: they go with it, and
      // count again once it is back.
      const others = told.flatMap(({ text, living }) =>
        readShares(text).map((share) => (living ? share : { ...share, calls: 0, burst: noBurst })),
      );
      trunks.countElsewhere(others);
    } catch (error) {
      // Until it is back, what was told last counts.
      if (!this.#isAway) log.warn({ err: error }, 'what other nodes have spent by trunks is not known for now');
      this.#isAway = true;
    }
  }
}

function isNews({ calls, minutes, burst, openedMs, closed }: Trunks['shares'][number]): boolean {
  return calls + minutes + burst.calls + openedMs > 0 || closed !== undefined;
}
