// The room log with eyes on it: what the metrics and /ready tell of the store is counted here, whichever engine it is.

import type { AppendResult, NewRecord, RoomLog } from '../../cluster/room-log.ts';
import { StoreError } from '../../cluster/room-log.ts';
import type { Clock } from '../../core/clock.ts';

export interface StoreStats {
  /** Records that were appended, since the start. */
  readonly appended: number;
  /** Calls to append, each of them one or more records. */
  readonly appendCalls: number;
  /** Appends that were answered with what an earlier one had put there. */
  readonly duplicates: number;
  /** Appends whose client id was that of another content. */
  readonly conflicts: number;
  /** Appends that were refused because of what they amend. */
  readonly refused: number;
  /** Records that wait for their answer now. */
  readonly pending: number;
  /** Calls of any kind that failed, and appends that failed by themselves, by the kind of the failure. */
  readonly failures: Readonly<Record<StoreError['kind'], number>>;
  /** False from an append that failed for want of space, or because the store is broken, until something is stored again. */
  readonly writable: boolean;
}

export interface WatchedRoomLog {
  readonly roomLog: RoomLog;
  stats(): StoreStats;
  /** Why nothing can be done with the store, in a clause; undefined while something can, or when it is time to try again. */
  obstacle(): string | undefined;
  /** Why nothing can be appended although all the rest works, in a clause; undefined again once something was stored. */
  limitation(): string | undefined;
}

/** A balancer sends nobody to a server that is not ready, so that nobody would find out that it is again. */
const obstacleHoldsMs = 15_000;

const limitations: Readonly<Partial<Record<StoreError['kind'], string>>> = {
  away: 'the store of the rooms cannot be reached',
  full: 'the store of the rooms has no space left: it can be read, and refuses what is new',
};
const obstacles: Readonly<Partial<Record<StoreError['kind'], string>>> = {
  corrupt: 'the store of the rooms is damaged',
  unknown: 'the store of the rooms does not answer',
};

/** `observeAppend` is told how long each call took, also one that failed. */
export function watchRoomLog(
  roomLog: RoomLog,
  { clock, observeAppend }: { clock: Clock; observeAppend: (seconds: number) => void },
): WatchedRoomLog {
  const counts = { appended: 0, appendCalls: 0, duplicates: 0, conflicts: 0, refused: 0, pending: 0 };
  const failures: Record<StoreError['kind'], number> = { full: 0, busy: 0, unknown: 0, corrupt: 0, closed: 0, away: 0 };
  let failed: { readonly kind: StoreError['kind']; readonly atMs: number } | undefined;

  const watch = async <Result>(call: Promise<Result>): Promise<Result> => {
    try {
      return await call;
    } catch (error) {
      failures[error instanceof StoreError ? error.kind : 'unknown']++;
      throw error;
    }
  };

  function limitedBy(kind: StoreError['kind']): void {
    if (kind in limitations || kind in obstacles) failed = { kind, atMs: clock.monotonicMs() };
  }

  /** Of one record; others of its call may be there. */
  function countFailure(kind: StoreError['kind']): void {
    failures[kind]++;
    limitedBy(kind);
  }

  async function append(records: readonly NewRecord[]): Promise<readonly AppendResult[]> {
    const startMs = clock.monotonicMs();
    counts.appendCalls++;
    counts.pending += records.length;
    try {
      const results = await watch(roomLog.append(records));
      // Others were answered without writing anything.
      if (results.some((result) => result.outcome === 'appended' && !result.duplicate)) failed = undefined;
      for (const result of results) count(result);
      return results;
    } catch (error) {
      limitedBy(error instanceof StoreError ? error.kind : 'unknown');
      throw error;
    } finally {
      counts.pending -= records.length;
      observeAppend((clock.monotonicMs() - startMs) / 1000);
    }
  }

  function count(result: AppendResult): void {
    if (result.outcome === 'conflict') counts.conflicts++;
    else if (result.outcome === 'refused') counts.refused++;
    else if (result.outcome === 'failed') countFailure(result.error.kind);
    else if (result.duplicate) counts.duplicates++;
    else counts.appended++;
  }

  return {
    roomLog: {
      get durability() {
        return roomLog.durability;
      },
      append,
      open: (rooms) => watch(roomLog.open(rooms)),
      read: (requests) => watch(roomLog.read(requests)),
      search: (request) => watch(roomLog.search(request)),
      trim: (room, limits) => watch(roomLog.trim(room, limits)),
      bumpEpoch: (room, epoch) => watch(roomLog.bumpEpoch(room, epoch)),
      mark: (watermarks) => watch(roomLog.mark(watermarks)),
      watermarks: (room) => watch(roomLog.watermarks(room)),
      watermarksOf: (who) => watch(roomLog.watermarksOf(who)),
      count: (requests) => watch(roomLog.count(requests)),
      rooms: (after, limit) => watch(roomLog.rooms(after, limit)),
      follow: (room, news) => watch(roomLog.follow(room, news)),
      get state() {
        return roomLog.state;
      },
      events: roomLog.events,
      close: () => roomLog.close(),
    },
    stats: () => ({ ...counts, failures: { ...failures }, writable: failed === undefined }),
    obstacle: () =>
      failed !== undefined && clock.monotonicMs() - failed.atMs < obstacleHoldsMs ? obstacles[failed.kind] : undefined,
    limitation: () => failed && limitations[failed.kind],
  };
}
