// Each node says now and then how far it is in each of its rooms, so that what was missed last is found. Of many rooms in one
// frame to all nodes: a frame for each room costs more than the messages of a quiet one.

import type { Life } from '../../cluster/directory.ts';
import type { Timer } from '../../core/clock.ts';
import type { Digest } from '../../proto/gen/node-types.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { ClusterRoom } from './cluster-room.ts';

/** Of each room so often; give or take a fifth. */
const digestEveryMs = 30_000;
/** What is due in this time is told together. */
const roundMs = 2_000;
/** Of one frame; the contract has the same limit. */
const maxDigests = 512;
const listenAgainMs = 1_000;

interface DigestRoundsParts {
  readonly context: ClusterContext;
  readonly rooms: ReadonlyMap<string, ClusterRoom>;
}

export class DigestRounds {
  readonly #parts: DigestRoundsParts;
  /** When a room is due next; nothing is kept of one that is gone. */
  readonly #due = new WeakMap<ClusterRoom, number>();
  #timer: Timer | undefined;
  #unsubscribe = () => {};
  #closed = false;

  constructor(parts: DigestRoundsParts) {
    this.#parts = parts;
    this.#startTimer();
    void this.#listen();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#unsubscribe();
  }

  #startTimer(): void {
    this.#timer = this.#parts.context.clock.after(roundMs, () => {
      this.#startTimer();
      this.#tellDue();
    });
  }

  #tellDue(): void {
    const nowMs = this.#parts.context.clock.monotonicMs();
    let digests: Digest[] = [];
    for (const room of this.#parts.rooms.values()) {
      if (!room.isOpen) continue;
      const dueMs = this.#due.get(room);
      if (dueMs !== undefined && dueMs > nowMs) continue;
      this.#due.set(room, nowMs + digestEveryMs * (0.8 + Math.random() * 0.4));
      // A room that was just opened has told everything.
      if (dueMs === undefined) continue;
      room.control.tellAgain();
      const { digest } = room.parts;
      if (digest === undefined || digests.push(digest) < maxDigests) continue;
      this.#publish(digests);
      digests = [];
    }
    if (digests.length > 0) this.#publish(digests);
  }

  #publish(digests: Digest[]): void {
    const { bus, directory, frames } = this.#parts.context;
    // What is lost is said again.
    bus.publish({ to: 'nodes' }, frames.write(directory.nodes.life, { digests: { digests } })).catch(() => {});
  }

  async #listen(): Promise<void> {
    const { bus, clock, log } = this.#parts.context;
    try {
      const end = await bus.subscribe({ to: 'nodes' }, (frame) => this.#heard(frame));
      if (this.#closed) end();
      else this.#unsubscribe = end;
    } catch (error) {
      log.debug({ err: error }, 'how far other nodes are is not heard yet');
      clock.after(listenAgainMs, () => {
        if (!this.#closed) void this.#listen();
      });
    }
  }

  #heard(bytes: Uint8Array): void {
    const { from, content } = this.#parts.context.frames.read(bytes) ?? {};
    if (from === undefined || content?.digests === undefined) return;
    for (const digest of content.digests.digests) this.#compare(from, digest);
  }

  /** Also in rooms that are being entered: their parts are told already. */
  #compare(from: Life, digest: Digest): void {
    this.#parts.rooms.get(digest.room)?.parts.heardDigest(from, digest);
  }
}
