export interface Address {
  readonly address: string;
  readonly port: number;
}

interface LatchOptions {
  /** Another source may take the place of one that was silent for so long. */
  readonly silenceMs?: number;
  /** After an SDP that names another address the old source counts as left behind; unless it alone sends for so long. */
  readonly settleMs?: number;
  readonly state?: LatchState;
}

/** What a packet says of who sent it. */
export interface PacketOrigin {
  readonly ssrc: number;
  /** SRTP has proved that it comes from who has the key. */
  readonly authenticated: boolean;
}

interface Source extends Address {
  readonly rank: number;
  readonly ssrc: number;
  readonly heardMs: number;
}

/** Can be sent to another thread. */
export interface LatchState {
  readonly expected: Address | undefined;
  readonly host: string | undefined;
  readonly source: Source | undefined;
  readonly former: Address | undefined;
  readonly formerSinceMs: number | undefined;
  readonly refused: number;
}

/** How well a source fits what signalling says: an address of nobody's, one of the phone's host, the phone's very own. */
const strange = 0;
const sameHost = 1;
const named = 2;

/**
 * Where the media of a call comes from, and goes to (symmetric RTP, RFC 4961), for phones behind address translation, whose
 * SDP names an address that nobody reaches. Guarded against RTP bleed, where a stranger who sends to our port is sent the
 * call: a source stays until it is silent, only the same stream moves then, and who fits the signalling better comes first.
 */
export class Latch {
  readonly #silenceMs: number;
  readonly #settleMs: number;
  /** From the SDP. */
  #expected: Address | undefined;
  /** Where the phone's signalling comes from. */
  #host: string | undefined;
  #source: { -readonly [Field in keyof Source]: Source[Field] } | undefined;
  /** The source of before the last SDP, while there is no other. */
  #former: Address | undefined;
  #formerSinceMs: number | undefined;
  #refused: number;

  constructor({ silenceMs = 2_000, settleMs = 500, state }: LatchOptions = {}) {
    this.#silenceMs = silenceMs;
    this.#settleMs = settleMs;
    this.#expected = state?.expected;
    this.#host = state?.host;
    this.#source = state?.source && { ...state.source };
    this.#former = state?.former;
    this.#formerSinceMs = state?.formerSinceMs;
    this.#refused = state?.refused ?? 0;
  }

  /** Where to send to: undefined, nothing is known yet. */
  get target(): Address | undefined {
    return this.#source ?? this.#expected;
  }

  /** Whether packets come from there. */
  get isLatched(): boolean {
    return this.#source !== undefined;
  }

  /** Packets of strangers. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * An SDP names where the phone receives; undefined for none, or 0.0.0.0. Where it is another address than before, any
   * source is looked for anew; the same one again changes nothing. `host`: where its signalling comes from.
   */
  expect(remote: Address | undefined, host?: string): void {
    this.#host = host ?? this.#host;
    if (!remote || (this.#expected && isSame(remote, this.#expected))) return;
    const isFirst = this.#expected === undefined;
    this.#expected = { address: remote.address, port: remote.port };
    if (!this.#source) return;
    // What came before the first SDP, as early media does, there was nothing to compare with.
    const rank = this.#rankOf(this.#source);
    if (rank === named || (isFirst && rank === sameHost)) this.#source.rank = rank;
    else {
      this.#former = { address: this.#source.address, port: this.#source.port };
      this.#formerSinceMs = undefined;
      this.#source = undefined;
    }
  }

  /** Whether a packet may be the phone's by its address alone, or has to be looked at more closely. */
  fits(from: Address): boolean {
    if (!isAnswerable(from)) return false;
    const source = this.#source;
    if (source && isSame(from, source)) return true;
    if (this.#former && isSame(from, this.#former)) return true;
    return this.#rankOf(from) > (source?.rank ?? strange);
  }

  /** Whether a packet is the phone's. To be asked after SRTP has checked it, where there is SRTP. */
  accepts(from: Address, origin: PacketOrigin, nowMs: number): boolean {
    if (!isAnswerable(from)) {
      this.#refused += 1;
      return false;
    }
    const source = this.#source;
    if (source && isSame(from, source)) {
      source.ssrc = origin.ssrc;
      source.heardMs = nowMs;
      return true;
    }
    if (this.#former && isSame(from, this.#former)) return this.#acceptFormer(from, origin, nowMs);
    const rank = this.#rankOf(from);
    if (source && !this.#mayReplace(source, rank, origin, nowMs)) {
      this.#refused += 1;
      return false;
    }
    this.#follow(from, rank, origin, nowMs);
    return true;
  }

  state(): LatchState {
    return {
      expected: this.#expected,
      host: this.#host,
      source: this.#source && { ...this.#source },
      former: this.#former,
      formerSinceMs: this.#formerSinceMs,
      refused: this.#refused,
    };
  }

  #mayReplace(source: Source, rank: number, { ssrc, authenticated }: PacketOrigin, nowMs: number): boolean {
    if (rank > source.rank) return true;
    return nowMs - source.heardMs >= this.#silenceMs && (authenticated || ssrc === source.ssrc);
  }

  /** The source of before is heard until a new one comes, and is the source again when none does. */
  #acceptFormer(from: Address, origin: PacketOrigin, nowMs: number): boolean {
    this.#formerSinceMs ??= nowMs;
    if (nowMs - this.#formerSinceMs >= this.#settleMs) this.#follow(from, this.#rankOf(from), origin, nowMs);
    return true;
  }

  #follow({ address, port }: Address, rank: number, { ssrc }: PacketOrigin, nowMs: number): void {
    this.#source = { address, port, rank, ssrc, heardMs: nowMs };
    this.#former = undefined;
  }

  #rankOf(from: Address): number {
    if (this.#expected && isSame(from, this.#expected)) return named;
    return from.address === this.#expected?.address || from.address === this.#host ? sameHost : strange;
  }
}

/** RFC 768 lets a datagram have no source port. Nothing can be sent there: a socket throws. */
function isAnswerable({ port }: Address): boolean {
  return port !== 0;
}

function isSame(one: Address, other: Address): boolean {
  return one.port === other.port && one.address === other.address;
}
