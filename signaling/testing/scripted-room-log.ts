// A room log that fails when a test says so, and otherwise does what the one behind it does.

import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { type RoomLog, StoreError } from '../../cluster/room-log.ts';

export interface ScriptedRoomLog extends RoomLog {
  /** How many appends each call had, in order. */
  readonly calls: number[];
  /** How often pages were read. */
  reads(): number;
  /** The next append fails so. `unknown` appends all the same: only the answer is lost. */
  failNext(kind: StoreError['kind']): void;
  /** Appends wait until the answer is called. */
  hold(): () => void;
  /** From now on the store is what it was then: an older copy of its data. */
  setBackTo(older: RoomLog): void;
}

export function createScriptedRoomLog(behind: RoomLog = createMemoryRoomLog()): ScriptedRoomLog {
  let store = behind;
  const failures: StoreError['kind'][] = [];
  const calls: number[] = [];
  let reads = 0;
  let gate = Promise.resolve();

  return {
    durability: 'disk',
    calls,
    reads: () => reads,
    async append(records) {
      calls.push(records.length);
      const failure = failures.shift();
      await gate;
      if (failure !== undefined && failure !== 'unknown') throw new StoreError(failure, 'as the test wants');
      const results = await store.append(records);
      if (failure === 'unknown') throw new StoreError(failure, 'as the test wants');
      return results;
    },
    read(requests) {
      reads += 1;
      return store.read(requests);
    },
    open: (rooms) => store.open(rooms),
    search: (request) => store.search(request),
    trim: (room, limits) => store.trim(room, limits),
    bumpEpoch: (room, epoch) => store.bumpEpoch(room, epoch),
    mark: (watermarks) => store.mark(watermarks),
    watermarks: (room) => store.watermarks(room),
    watermarksOf: (who) => store.watermarksOf(who),
    count: (requests) => store.count(requests),
    rooms: (after, limit) => store.rooms(after, limit),
    follow: (room, news) => store.follow(room, news),
    get state() {
      return store.state;
    },
    get events() {
      return store.events;
    },
    close: () => store.close(),
    failNext: (kind) => failures.push(kind),
    hold() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    setBackTo(older) {
      store = older;
    },
  };
}
