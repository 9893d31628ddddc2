import type { Cursor, RoomSync, SyncResponse } from '../../../proto/gen/types.ts';
import { fullJitterMs } from '../backoff.ts';
import { ParleyError } from '../errors.ts';
import { Lifetime } from '../lifetime.ts';
import type { Session } from '../session.ts';
import type { ClientTiming } from '../timing.ts';
import { sleep } from '../waiting.ts';

/** A reader of one room that lacks something. */
export interface SyncTarget {
  readonly room: string;
  readonly cursor: Cursor;
  /** Called in the order of the connection's frames. Answers whether there is more to ask for. */
  apply(sync: RoomSync): 'done' | 'again';
}

/** So many fit into a frame with the longest names there may be. The others are asked for in the next call. */
const roomsPerCall = 100;

/** Asks for what rooms missed: all of them in one call, and one call at a time. The line is as long as there are rooms. */
export class LogSyncer {
  readonly #session: Pick<Session, 'call'>;
  readonly #timing: ClientTiming;
  #waiting = new Set<SyncTarget>();
  #connection = new Lifetime();
  #isRunning = false;

  constructor(session: Pick<Session, 'call'>, timing: ClientTiming) {
    this.#session = session;
    this.#timing = timing;
  }

  request(target: SyncTarget): void {
    this.#waiting.add(target);
    if (this.#isRunning) return;
    this.#isRunning = true;
    const connection = this.#connection;
    // The rooms of a resume come in one turn.
    queueMicrotask(() => void this.#run(connection));
  }

  forget(target: SyncTarget): void {
    this.#waiting.delete(target);
  }

  /** What was asked for is not asked for any more: rooms say so again when they are back. */
  connectionLost(): void {
    this.#connection.end();
    this.#connection = new Lifetime();
    this.#waiting = new Set();
    this.#isRunning = false;
  }

  async #run(connection: Lifetime): Promise<void> {
    let tries = 0;
    while (!connection.ended && this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, roomsPerCall);
      for (const target of batch) this.#waiting.delete(target);
      try {
        await this.#sync(batch, connection);
        tries = 0;
      } catch (error) {
        if (connection.ended) return;
        for (const target of batch) this.#waiting.add(target);
        tries += 1;
        const atLeastMs = error instanceof ParleyError ? (error.retryAfterMs ?? 0) : 0;
        const { retryBaseMs, retryCapMs } = this.#timing;
        await sleep(atLeastMs + fullJitterMs(tries, retryBaseMs, retryCapMs), connection).catch(() => {});
      }
    }
    if (!connection.ended) this.#isRunning = false;
  }

  #sync(batch: readonly SyncTarget[], connection: Lifetime): Promise<void> {
    const rooms = batch.map(({ room, cursor }) => ({ room, cursor }));
    const apply = ({ rooms: synced }: SyncResponse): void => {
      if (connection.ended) return;
      const answers = new Map(synced.map((sync) => [sync.room, sync]));
      for (const target of batch) {
        const sync = answers.get(target.room);
        if (sync && target.apply(sync) === 'again') this.#waiting.add(target);
      }
    };
    return this.#session.call('log.sync', { rooms }, { apply });
  }
}
