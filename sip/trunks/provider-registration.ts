import type { Clock, Timer } from '../../core/clock.ts';
import { parseDeltaSeconds } from '../agent/messages/parse-session-expires.ts';
import { unreachableCause } from '../agent/messages/unreachable-warning.ts';
import type { TrunkRegistration } from '../dial-plan/plan-data.ts';
import type { SipCalls } from '../drachtio/sip-calls.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';

export interface RegistrationState {
  readonly kind: 'waiting' | 'registered' | 'failed';
  /** Why it failed; '' otherwise. */
  readonly because: string;
  /** When it is tried again, or refreshed, in milliseconds since 1970. */
  readonly nextMs: number;
}

export interface ProviderRegistrationParts {
  readonly clock: Clock;
  readonly sip: Pick<SipCalls, 'register'>;
  readonly changed: (state: RegistrationState) => void;
  /** From 0 to 1, for the spread of times. */
  readonly random?: () => number;
}

/** RFC 5626 section 4.5: twice as long after each failure, and not all at once. */
const backOff = { firstMs: 5_000, mostMs: 1_800_000 } as const;
/** A server that stops does not wait for longer: what was registered ends by itself. */
const farewellMs = 2_000;
/** A provider that was told a wrong password over and over would ban this server. */
const refusedMs = 300_000;

/** Keeps this server registered at a provider, as a phone does. */
export class ProviderRegistration {
  readonly data: TrunkRegistration;
  readonly #parts: ProviderRegistrationParts;
  #state: RegistrationState;
  #seconds: number;
  #failures = 0;
  #timer: Timer | undefined;
  #closed = false;

  constructor(data: TrunkRegistration, parts: ProviderRegistrationParts) {
    this.data = data;
    this.#parts = parts;
    this.#seconds = data.seconds;
    this.#state = { kind: 'waiting', because: '', nextMs: parts.clock.nowMs() };
    void this.#register();
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Ends it at the provider too, as far as that answers in time. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    if (this.#state.kind !== 'registered') return;
    let late: Timer | undefined;
    const patience = new Promise<void>((resolve) => {
      late = this.#parts.clock.after(farewellMs, resolve);
    });
    await Promise.race([this.#ask(0).catch(() => {}), patience]);
    late?.cancel();
  }

  #ask(expires: number): Promise<number> {
    const { registrar, address, contact, user, password, proxy } = this.data;
    return this.#parts.sip.register({
      registrar,
      address,
      contact: `sip:${contact}@localhost`,
      expires,
      credentials: { user, password },
      ...(proxy !== '' && { proxy }),
    });
  }

  async #register(): Promise<void> {
    try {
      const granted = await this.#ask(this.#seconds);
      if (this.#closed) return;
      this.#failures = 0;
      // Before it ends, with time for an answer that is late and another try.
      const ms = Math.max(granted * 1_000 * (0.75 + 0.1 * this.#random()), 1_000);
      this.#next('registered', '', ms);
    } catch (error) {
      if (!this.#closed) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    const { status = 0, headers, message = String(error) } = error instanceof SipFailure ? error : {};
    const least = parseDeltaSeconds(headers?.get('Min-Expires') ?? '');
    if (status === 423 && least !== undefined && least > this.#seconds) {
      this.#seconds = Math.min(least, 86_400);
      this.#next('waiting', '', 0);
      return;
    }
    this.#failures += 1;
    const cause = headers && unreachableCause(headers);
    const { registrar, proxy } = this.data;
    const because = cause === undefined ? message : `${proxy || registrar} cannot be reached: ${cause}`;
    const wanted = parseDeltaSeconds(headers?.get('Retry-After') ?? '') ?? 0;
    const isRefused = status === 401 || status === 403 || status === 407 || status === 404;
    const grown = Math.min(backOff.firstMs * 2 ** Math.min(this.#failures - 1, 20), backOff.mostMs);
    const ms = Math.max(isRefused ? refusedMs : 0, grown) * (0.5 + 0.5 * this.#random());
    this.#next('failed', because, Math.max(ms, Math.min(wanted, 3_600) * 1_000));
  }

  #next(kind: RegistrationState['kind'], because: string, afterMs: number): void {
    const { clock, changed } = this.#parts;
    const isNews = kind !== this.#state.kind || because !== this.#state.because;
    this.#state = { kind, because, nextMs: clock.nowMs() + afterMs };
    this.#timer = clock.after(afterMs, () => void this.#register());
    if (isNews) changed(this.#state);
  }

  #random(): number {
    return (this.#parts.random ?? Math.random)();
  }
}
