import type { Clock, Timer } from '../../../core/clock.ts';
import { hasOption } from '../messages/option-tags.ts';
import { parseDeltaSeconds, parseSessionExpires } from '../messages/parse-session-expires.ts';
import type { SipHeaders } from '../messages/sip-headers.ts';

export interface SessionTimerOptions {
  /** Seconds; what is asked for and answered. */
  readonly interval: number;
  /** Seconds; below it a call is refused with 422. At least 90 (RFC 4028 section 5). */
  readonly least: number;
}

export const sessionTimerOptions: SessionTimerOptions = { interval: 1_800, least: 90 };

export interface SessionTerms {
  /** Seconds. */
  readonly interval: number;
  readonly refresher: 'uac' | 'uas';
}

/** Whether a request asks for less than we take: the answer is 422 with Min-SE (RFC 4028 section 9). */
export function isTooShort(headers: SipHeaders, { least }: SessionTimerOptions): boolean {
  const asked = parseSessionExpires(headers.get('Session-Expires') ?? '');
  return asked !== undefined && asked.interval < least && supportsTimer(headers);
}

/**
 * What we answer a request that may have a session interval (RFC 4028 section 9, table 2). Undefined is a call without a timer.
 * Where an interval came from a proxy and the caller supports none, we refresh.
 */
export function answerTerms(headers: SipHeaders, { interval, least }: SessionTimerOptions): SessionTerms | undefined {
  const supports = supportsTimer(headers);
  const asked = parseSessionExpires(headers.get('Session-Expires') ?? '');
  // Phones that know no timer are left alone: that a call is dead shows in its media.
  if (asked === undefined) return supports ? { interval, refresher: 'uac' } : undefined;
  const theirLeast = parseDeltaSeconds(headers.get('Min-SE') ?? '') ?? 90;
  const agreed = Math.max(Math.min(asked.interval, Math.max(interval, theirLeast)), least);
  return { interval: agreed, refresher: supports ? (asked.refresher ?? 'uac') : 'uas' };
}

/** What a 2xx to a request of ours said (section 7.2); undefined is a call without a timer. */
export function acceptedTerms(headers: SipHeaders): SessionTerms | undefined {
  const said = parseSessionExpires(headers.get('Session-Expires') ?? '');
  return said === undefined ? undefined : { interval: said.interval, refresher: said.refresher ?? 'uac' };
}

function supportsTimer(headers: SipHeaders): boolean {
  return hasOption(headers, 'Supported', 'timer') || hasOption(headers, 'Require', 'timer');
}

export interface SessionTimerUser {
  refresh(): void;
  expired(): void;
}

/** Runs for one call: asks for a refresh at half of the interval when that is ours, and ends the call without one (section 10). */
export class SessionTimer {
  readonly #clock: Clock;
  readonly #user: SessionTimerUser;
  #refresh: Timer | undefined;
  #expiry: Timer | undefined;

  constructor(clock: Clock, user: SessionTimerUser) {
    this.#clock = clock;
    this.#user = user;
  }

  /** At each 2xx to an INVITE or UPDATE. `ours`: this side refreshes. */
  start(terms: SessionTerms | undefined, ours: boolean): void {
    this.stop();
    if (terms === undefined) return;
    const ms = terms.interval * 1_000;
    // A BYE that comes at the last moment would cross a refresh that was late.
    const lead = Math.min(32_000, ms / 3);
    if (ours) this.#refresh = this.#clock.after(ms / 2, () => this.#user.refresh());
    this.#expiry = this.#clock.after(ms - lead, () => {
      this.stop();
      this.#user.expired();
    });
  }

  stop(): void {
    this.#refresh?.cancel();
    this.#expiry?.cancel();
    this.#refresh = undefined;
    this.#expiry = undefined;
  }
}
