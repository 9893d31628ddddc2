// What ICE asks and hears on a path, by the statistics of its candidate pairs: libwebrtc itself calls a path disconnected 5 s
// after its checks (RFC 7675) are no longer answered, and its counters tell sooner.

/** Counters of one candidate pair since its start. */
export interface PairCounts {
  /** Checks that were sent; in newer libwebrtc all of them, in older those before the first answer. */
  readonly requests: number;
  /** Checks that were sent after the first answer. */
  readonly consentRequests: number;
  /** Grows with all that comes: answers, sound, reports. */
  readonly heard: number;
  readonly rttMs: number;
  /** Since the last packet other than an answer; undefined: the platform does not say. */
  readonly idleMs: number | undefined;
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
  readonly timestamp: number;
  readonly lastPacketReceivedTimestamp?: number;
}

/** Undefined: this platform does not count checks and their answers. */
export function readChecks(report: RTCStatsReport): CheckCounts | undefined {
  const pairs = new Map<string, PairCounts>();
  let selected: string | undefined;
  report.forEach((entry: Entry, id: string) => {
    if (entry.type === 'transport') selected ??= entry.selectedCandidatePairId;
    const { requestsSent, responsesReceived } = entry;
    if (entry.type !== 'candidate-pair' || requestsSent === undefined || responsesReceived === undefined) return;
    const lastPacketAtMs = entry.lastPacketReceivedTimestamp;
    pairs.set(id, {
      requests: requestsSent,
      consentRequests: entry.consentRequestsSent ?? 0,
      heard: responsesReceived + (entry.bytesReceived ?? 0),
      rttMs: 1000 * (entry.currentRoundTripTime ?? 0),
      idleMs: lastPacketAtMs === undefined ? undefined : entry.timestamp - lastPacketAtMs,
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
  /** When the last that is known of came, as far as the platform says; at the latest the reading that found it. */
  lastHeardAtMs: number;
  #lookedAtMs: number;
  #before: ({ readonly id: string } & PairCounts) | undefined;
  #unansweredSinceMs: number | undefined;

  constructor(nowMs: number) {
    this.lastHeardAtMs = nowMs;
    this.#lookedAtMs = nowMs;
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
    const sinceLookMs = nowMs - this.#lookedAtMs;
    this.#lookedAtMs = nowMs;
    if (!now || before?.id !== id || now.heard > before.heard) {
      const idleMs = now?.idleMs ?? sinceLookMs;
      this.lastHeardAtMs = idleMs < sinceLookMs ? nowMs - idleMs : nowMs;
      this.#before = now && { id, ...now };
      this.#unansweredSinceMs = undefined;
      return false;
    }
    const unanswered = Math.max(now.requests - before.requests, now.consentRequests - before.consentRequests);
    if (unanswered > 0) this.#unansweredSinceMs ??= nowMs;
    const waitedMs = nowMs - (this.#unansweredSinceMs ?? nowMs);
    return unanswered >= unansweredChecks && waitedMs >= Math.max(unansweredMs, roundTrips * now.rttMs);
  }
}
