import { type CheckCounts, isAnythingNew, readChecks, SilenceMeter } from './check-counts.ts';

/** A reading takes Chromium 1 ms with two tracks, 6 ms with 50, mostly on threads of its own. */
const lookMs = 500;
/** While it matters. */
const closeLookMs = 200;

export interface SilenceWatchOptions {
  readonly getStats: () => Promise<RTCStatsReport>;
  /** Nothing is answered any more. Said once, and again after each `listen()`. */
  readonly onSilent: () => void;
  /** Something came after {@link SilenceWatch.mark}. */
  readonly onHeard: () => void;
}

/**
 * Reads a transport's statistics while somebody wants to know: whether a path that is up went silent (`listen`), or whether
 * one that is being mended is heard again (`mark`, then `await`).
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Of the present listening or awaiting: a reading that was begun before means nothing. */
  #round = 0;
  #meter: SilenceMeter | undefined;
  #mark: CheckCounts | undefined;
  #counts = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /** The platform was found to say what is needed; nothing is ever reported otherwise. */
  get counts(): boolean {
    return this.#counts;
  }

  /** While it was listened to; undefined where the platform does not say. */
  get lastHeardAtMs(): number | undefined {
    return this.#counts ? this.#meter?.lastHeardAtMs : undefined;
  }

  listen(): void {
    this.stop();
    const meter = new SilenceMeter(performance.now());
    this.#meter = meter;
    this.#repeat(
      () => (meter.isWaiting ? closeLookMs : lookMs),
      (counts) => {
        this.#counts = counts !== undefined;
        // Nor will there be any later.
        if (!counts) this.stop();
        if (!counts || !meter.add(counts, performance.now())) return;
        this.stop();
        this.#options.onSilent();
      },
    );
  }

  /** What comes from now on is news for `await`. */
  async mark(): Promise<void> {
    this.#mark = (await this.#read()) ?? this.#mark;
  }

  await(): void {
    this.stop();
    if (!this.#counts) return;
    this.#repeat(
      () => closeLookMs,
      (counts) => this.#compare(counts),
    );
  }

  /** A last look before somebody gives up. */
  async look(): Promise<void> {
    const round = this.#round;
    const counts = await this.#read();
    if (round === this.#round) this.#compare(counts);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
  }

  #compare(counts: CheckCounts | undefined): void {
    if (!counts || !isAnythingNew(counts, this.#mark)) return;
    this.stop();
    this.#options.onHeard();
  }

  #repeat(delayMs: () => number, take: (counts: CheckCounts | undefined) => void): void {
    const round = this.#round;
    const look = async () => {
      const counts = await this.#read();
      if (round === this.#round) take(counts);
      wait();
    };
    const wait = () => {
      if (round === this.#round) this.#timer = setTimeout(look, delayMs());
    };
    wait();
  }

  async #read(): Promise<CheckCounts | undefined> {
    try {
      return readChecks(await this.#options.getStats());
    } catch {
      // A transport that closes meanwhile has no statistics.
      return undefined;
    }
  }
}
