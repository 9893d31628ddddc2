// How calls went, kept as JSON lines: one file a day in the folder `calls`, one line for each peer that left.

import { createReadStream } from 'node:fs';
import { appendFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { CallLine } from './call-line.ts';

interface CallJournalOptions {
  readonly dir: string;
  /** Files of days that are longer ago are deleted. */
  readonly days: number;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface CallJournalStats {
  readonly written: number;
  /** Lines that came while too many waited for the disk, or that it did not take. */
  readonly dropped: number;
}

/** Which lines are read; all, where nothing is said. */
export interface WantedLines {
  readonly room?: string | undefined;
  readonly kind?: string | undefined;
  /** Of those who left before, milliseconds since 1970. */
  readonly beforeMs?: number | undefined;
}

/** Lines that wait for the disk at most. */
const maxPending = 1_000;
/** Who waits to read at most, and for how long whoever comes then is sent away: months of lines are seconds of work. */
const maxReaders = 8;
const readAgainMs = 5_000;
const dayMs = 86_400_000;
const fileName = /^(\d{4}-\d{2}-\d{2})\.jsonl$/;

/** Never in the way of a call: what the disk does not take is dropped, counted and logged. */
export class CallJournal {
  readonly #options: CallJournalOptions;
  #pending: CallLine[] = [];
  #writing: Promise<void> | undefined;
  /** One reader after the other: more at once would only take the process from calls. */
  #reading: Promise<unknown> = Promise.resolve();
  #readers = 0;
  #cleanedOn = '';
  #written = 0;
  #dropped = 0;

  constructor(options: CallJournalOptions) {
    this.#options = options;
  }

  get stats(): CallJournalStats {
    return { written: this.#written, dropped: this.#dropped };
  }

  write(line: CallLine): void {
    if (this.#pending.length >= maxPending) {
      this.#dropped += 1;
      return;
    }
    this.#pending.push(line);
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Resolves when everything that was given is written or dropped. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** The newest lines of those, the newest first. @throws {AppError} RATE_LIMITED when many read already. */
  async read(wanted: WantedLines, limit: number): Promise<readonly CallLine[]> {
    if (this.#readers >= maxReaders) {
      throw new AppError('RATE_LIMITED', { what: 'requests for calls' }, { retryAfterMs: readAgainMs });
    }
    this.#readers += 1;
    const turn = this.#reading.then(() => this.#read(wanted, limit));
    this.#reading = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#readers -= 1;
    }
  }

  async #read(wanted: WantedLines, limit: number): Promise<readonly CallLine[]> {
    await this.flush();
    const found: CallLine[] = [];
    const lastDay = wanted.beforeMs === undefined ? undefined : dayOf(wanted.beforeMs);
    for (const day of (await this.#days()).reverse()) {
      if (lastDay !== undefined && day > lastDay) continue;
      const ofDay: CallLine[] = [];
      for await (const line of readLines(this.#pathOf(day), wanted)) {
        ofDay.push(line);
        if (ofDay.length > limit) ofDay.shift();
      }
      found.push(...ofDay.reverse());
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const lines = this.#pending;
      this.#pending = [];
      try {
        await this.#append(lines);
        this.#written += lines.length;
      } catch (error) {
        this.#dropped += lines.length;
        this.#options.log.warn({ err: error, lines: lines.length }, 'lines of the call journal were not written');
      }
    }
  }

  async #append(lines: readonly CallLine[]): Promise<void> {
    const { dir, clock } = this.#options;
    const today = dayOf(clock.nowMs());
    // Who took part in which call is for the operator alone.
    await mkdir(dir, { recursive: true, mode: 0o700 });
    if (this.#cleanedOn !== today) {
      this.#cleanedOn = today;
      await this.#deleteOld();
    }
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    await appendFile(this.#pathOf(today), text, { mode: 0o600 });
  }

  async #deleteOld(): Promise<void> {
    const { days, clock } = this.#options;
    const oldest = dayOf(clock.nowMs() - days * dayMs);
    for (const day of await this.#days()) {
      if (day < oldest) await rm(this.#pathOf(day), { force: true });
    }
  }

  /** The oldest first. */
  async #days(): Promise<string[]> {
    const names = await readdir(this.#options.dir).catch(() => []);
    return names.flatMap((name) => fileName.exec(name)?.[1] ?? []).sort();
  }

  #pathOf(day: string): string {
    return join(this.#options.dir, `${day}.jsonl`);
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

async function* readLines(path: string, { room, kind, beforeMs }: WantedLines): AsyncGenerator<CallLine> {
  const named = room === undefined ? '' : JSON.stringify(room);
  for await (const text of textLines(path)) {
    // To parse those of other rooms would be most of the work.
    const line = text.includes(named) ? parse(text) : undefined;
    if (line === undefined || line.room !== (room ?? line.room) || line.kind !== (kind ?? line.kind)) continue;
    if (beforeMs === undefined || line.endedAtMs < beforeMs) yield line;
  }
}

/** None of a file that became too old after its folder was read. */
async function* textLines(path: string): AsyncGenerator<string> {
  try {
    yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** The last line of a server that was killed may be cut. */
function parse(text: string): CallLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === 'object' && line !== null && 'room' in line ? (line as CallLine) : undefined;
  } catch {
    return undefined;
  }
}
