import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { KeptLedger } from './ledger.ts';

export interface TrunkFileOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly ledgers: () => ReadonlyMap<string, KeptLedger>;
}

/** What a process loses that is killed. */
const everyMs = 10_000;

/** What trunks have counted, over a restart: otherwise one would give thieves another day’s money. */
export class TrunkFile {
  readonly #options: TrunkFileOptions;
  #written = '';
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: TrunkFileOptions) {
    this.#options = options;
    this.#timer = options.clock.after(everyMs, () => this.#tick());
  }

  /** Of a file that is not there, nothing. @throws {Error} when it is not such a file. */
  static async read(file: string): Promise<ReadonlyMap<string, KeptLedger>> {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '{}';
      throw error;
    });
    const states = new Map<string, KeptLedger>();
    const kept = parse(text, file);
    if (typeof kept !== 'object' || kept === null) throw new Error(`${file} holds no trunks`);
    for (const [name, state] of Object.entries(kept)) {
      const { day, minutes, micros, closed, openedMs, burst = [] } = (state ?? {}) as Partial<KeptLedger>;
      if (typeof day !== 'string' || !isCount(minutes) || !isCount(micros) || !isBurst(burst))
        throw new Error(`${file} is damaged at ${name}`);
      const { atMs, day: since, because } = closed ?? {};
      const isClosed = isCount(atMs) && typeof since === 'string' && typeof because === 'string';
      const opened = isCount(openedMs) ? { openedMs } : {};
      states.set(name, {
        day,
        minutes,
        micros,
        closed: isClosed ? { atMs, day: since, because } : undefined,
        burst,
        ...opened,
      });
    }
    return states;
  }

  /** What there is now is on disk then, or a line of the log says why not. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#write();
  }

  #tick(): void {
    void this.#write();
    this.#timer = this.#options.clock.after(everyMs, () => this.#tick());
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    const { file, ledgers, log } = this.#options;
    const text = `${JSON.stringify(Object.fromEntries(ledgers()), undefined, 2)}\n`;
    if (text === this.#written) return;
    try {
      await mkdir(dirname(file), { recursive: true });
      // Whoever reads it finds the one before or this one, never half of one, nor an empty one where the power failed.
      await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
      await rename(`${file}.new`, file);
      this.#written = text;
    } catch (error) {
      log.error({ err: error, file }, 'what trunks have spent could not be kept');
    }
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is damaged: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function isBurst(value: unknown): value is NonNullable<KeptLedger['burst']> {
  const isMinute = (one: unknown) => {
    const { minute, calls, micros } = (one ?? {}) as Record<string, unknown>;
    return isCount(minute) && isCount(calls) && isCount(micros);
  };
  return Array.isArray(value) && value.every(isMinute);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}
