// The timelines of this node: one for each room that is in use, and a bounded number of those that were.

import type { RoomLog } from '../../cluster/room-log.ts';
import type { Clock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import type { Logger } from '../../core/log.ts';
import type { LogRecord } from '../../proto/gen/types.ts';
import type { Defer } from '../defer.ts';
import { noGaps } from './gap-counts.ts';
import { HeadChecks } from './head-checks.ts';
import { noLogCounts } from './log-counts.ts';
import { LogWriter } from './log-writer.ts';
import { Retention, type RetentionDuties } from './retention.ts';
import { RoomLoader } from './room-loader.ts';
import { RoomNews } from './room-news.ts';
import type { AppendContext } from './sequencer.ts';
import { toStoreProblem } from './store-problem.ts';
import { toLogRecord } from './stored-payload.ts';
import { Timeline } from './timeline.ts';
import { UnreadLoader } from './unread-loader.ts';

interface TimelinesParts {
  readonly roomLog: RoomLog;
  readonly clock: Clock;
  readonly defer: Defer;
  readonly log: Logger;
  /** Told of what is new in any room, after the room is. */
  readonly onAppended?: (timeline: Timeline, records: readonly LogRecord[], elsewhere: ReadonlySet<LogRecord>) => void;
  /** Whether that life is of this node; undefined: nobody else appends. */
  readonly isHere?: ((origin: string) => boolean) | undefined;
  /** Timelines of rooms that nobody is in; beyond it the one that was used longest ago goes. */
  readonly maxIdle?: number;
  /** What one node does for all of them; undefined: there is one. */
  readonly duties?: RetentionDuties | undefined;
  /** How long records are kept; 0: forever, and all of them. */
  readonly retention?: { readonly retentionMs: number; readonly retentionRecords: number };
}

export class Timelines {
  readonly roomLog: RoomLog;
  readonly writer: LogWriter<AppendContext>;
  readonly unread: UnreadLoader;
  /** Since the start. */
  readonly gaps = noGaps();
  readonly counts = noLogCounts();
  readonly #parts: TimelinesParts;
  readonly #loader: RoomLoader;
  /** In the order of their last use, the newest last. */
  readonly #open = new Map<RoomId, Timeline>();
  readonly #opening = new Map<RoomId, Promise<Timeline>>();
  /** Those of rooms that are open. */
  readonly #held = new Set<Timeline>();
  readonly #retention: Retention;
  readonly #checks: HeadChecks;
  /** Each ends the following of a room. */
  readonly #follows = new Set<() => void>();

  constructor(parts: TimelinesParts) {
    this.#parts = parts;
    this.roomLog = parts.roomLog;
    this.writer = new LogWriter<AppendContext>(parts);
    this.#loader = new RoomLoader(parts.roomLog);
    this.unread = new UnreadLoader(parts.roomLog);
    const { roomLog, clock, log, retention = { retentionMs: 0, retentionRecords: 0 } } = parts;
    const find = (room: RoomId) => this.#open.get(room);
    this.#retention = new Retention({
      roomLog,
      clock,
      log,
      held: this.#held,
      find,
      options: retention,
      duties: parts.duties,
    });
    this.#checks = new HeadChecks({
      roomLog,
      clock,
      log,
      all: () => this.#open.values(),
      held: () => this.#held,
      shared: parts.isHere !== undefined,
    });
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws {AppError} STORE_UNAVAILABLE and its like, by rejection. */
  open(room: RoomId): Promise<Timeline> {
    const known = this.#open.get(room);
    if (known !== undefined) {
      this.#open.delete(room);
      this.#open.set(room, known);
      return Promise.resolve(known);
    }
    let opening = this.#opening.get(room);
    if (opening === undefined) {
      opening = this.#load(room).finally(() => this.#opening.delete(room));
      this.#opening.set(room, opening);
    }
    return opening;
  }

  /** The one that is open. */
  find(room: RoomId): Timeline | undefined {
    return this.#open.get(room);
  }

  /** It stays open until it is released. A room takes the one that is open in the same turn. */
  hold(timeline: Timeline): void {
    this.#held.add(timeline);
  }

  release(timeline: Timeline): void {
    this.#held.delete(timeline);
    this.#makeSpace();
  }

  /** Nothing is forgotten any more. The store stays open: it is its owner's. */
  close(): void {
    this.#retention.close();
    this.#checks.close();
    for (const end of [...this.#follows]) end();
  }

  async #load(room: RoomId): Promise<Timeline> {
    const { roomLog, clock, log, isHere } = this.#parts;
    const news = new RoomNews((timeline) => this.#checks.check([timeline]));
    const end = await this.#follow(room, news);
    // From here on nothing is missed that is not in what is loaded.
    const { memory, newest } = await this.#loader.load(room).catch((thrown: unknown) => {
      end();
      throw thrown;
    });
    const { head, facts } = memory;
    const timeline: Timeline = new Timeline({
      room,
      roomLog,
      writer: this.writer,
      clock,
      log,
      head,
      facts,
      newest: newest.records.filter(({ seq }) => seq <= head.seq).map(toLogRecord),
      isHere,
      successor: () => this.open(room),
      gaps: this.gaps,
      counts: this.counts,
      onAppended: (fresh, elsewhere) => this.#parts.onAppended?.(timeline, fresh, elsewhere),
      onRetired: end,
    });
    this.#open.set(room, timeline);
    news.attach(timeline);
    this.#makeSpace();
    return timeline;
  }

  async #follow(room: RoomId, news: RoomNews): Promise<() => void> {
    try {
      const unfollow = await this.roomLog.follow(room, news);
      const end = () => {
        if (this.#follows.delete(end)) unfollow();
      };
      this.#follows.add(end);
      return end;
    } catch (thrown) {
      throw toStoreProblem(thrown);
    }
  }

  #makeSpace(): void {
    let spare = this.#open.size - this.#held.size - (this.#parts.maxIdle ?? 1_000);
    for (const [room, timeline] of this.#open) {
      if (spare <= 0) return;
      if (this.#held.has(timeline) || timeline.busy) continue;
      timeline.retire();
      this.#open.delete(room);
      spare -= 1;
    }
  }
}
