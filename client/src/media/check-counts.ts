// What ICE asks and hears on a path, by the statistics of its candidate pairs: libwebrtc itself calls a path disconnected 5 s
// after its checks (RFC 7675) are no longer answered, and its counters tell sooner.

/** Counters of one candidate pair since its start. */
export interface PairCounts {
  /** Checks that were sent. */
  readonly asked: number;
  /** Grows with all that comes: answers, sound, reports. */
  readonly heard: number;
  readonly rttMs: number;
}

export interface CheckCounts {
  /** By the id of the pair. */
  readonly pairs: ReadonlyMap<string, PairCounts>;
  /** The pair that carries everything; undefined: none is chosen yet. */
  readonly selected: string | undefined;
}

interface Entry {
  readonly type: string;
  readonly selectedCandidatePairId?: string;
  readonly requestsSent?: number;
  readonly consentRequestsSent?: number;
  readonly responsesReceived?: number;
  readonly bytesReceived?: number;
  readonly currentRoundTripTime?: number;
}

/** Undefined: this platform does not count checks and their answers. */
export function readChecks(report: RTCStatsReport): CheckCounts | undefined {
  const pairs = new Map<string, PairCounts>();
  let selected: string | undefined;
  report.forEach((entry: Entry, id: string) => {
    if (entry.type === 'transport') selected ??= entry.selectedCandidatePairId;
    const { requestsSent, responsesReceived } = entry;
    if (entry.type !== 'candidate-pair' || requestsSent === undefined || responsesReceived === undefined) return;
    pairs.set(id, {
      asked: requestsSent + (entry.consentRequestsSent ?? 0),
      heard: responsesReceived + (entry.bytesReceived ?? 0),
      rttMs: 1000 * (entry.currentRoundTripTime ?? 0),
    });
  });
  return pairs.size > 0 ? { pairs, selected } : undefined;
}

/** Whether anything came on any pair; all of a pair that was not there before is new. */
export function isAnythingNew({ pairs }: CheckCounts, before: CheckCounts | undefined): boolean {
  return [...pairs].some(([id, { heard }]) => heard > (before?.pairs.get(id)?.heard ?? 0));
}

/** One check or two may be lost on any path. On a silent one libwebrtc sends ten a second after 2.5 s, one in each before. */
const unansweredChecks = 3;
/** The first of them may still be under way, on a slow path for longer. */
const unansweredMs = 700;
const roundTrips = 3;

/** Hears from one reading to the next whether the path in use still carries anything. */
export class SilenceMeter {
  /** The reading at which something new had come. */
  lastHeardAtMs: number;
  #before: ({ readonly id: string } & PairCounts) | undefined;
  #unansweredSinceMs: number | undefined;

  constructor(nowMs: number) {
    this.lastHeardAtMs = nowMs;
  }

  /** A check is not answered yet. */
  get isWaiting(): boolean {
    return this.#unansweredSinceMs !== undefined;
  }

  /** Answers whether the path is silent: not quiet, for its checks would be answered then. */
  add({ pairs, selected }: CheckCounts, nowMs: number): boolean {
    const id = selected ?? '';
    const now = pairs.get(id);
    const before = this.#before;
    if (!now || before?.id !== id || now.heard > before.heard) {
      this.lastHeardAtMs = nowMs;
      this.#before = now && { id, ...now };
      this.#unansweredSinceMs = undefined;
      return false;
    }
    const unanswered = now.asked - before.asked;
    if (unanswered > 0) this.#unansweredSinceMs ??= nowMs;
    const waitedMs = nowMs - (this.#unansweredSinceMs ?? nowMs);
    return unanswered >= unansweredChecks && waitedMs >= Math.max(unansweredMs, roundTrips * now.rttMs);
  }
}
