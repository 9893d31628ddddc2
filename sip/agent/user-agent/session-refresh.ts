import type { Timer } from '../../../core/clock.ts';
import { acceptedTerms, type SessionTerms, SessionTimer } from '../dialogs/session-timer.ts';
import { noBody, type SipResponse } from '../messages/message.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { AgentContext } from './context.ts';
import type { RequestDraft } from './draft.ts';
import type { ResponseUser } from './session-events.ts';

export interface SessionRefreshUser {
  request(draft: RequestDraft, user: ResponseUser): void;
  acknowledge(): void;
  expired(): void;
}

/**
 * Keeps a call from expiring where that is our part (RFC 4028 section 10): by UPDATE, which offers nothing; to whoever knows none by
 * a re-INVITE that offers what was offered last.
 */
export class SessionRefresh {
  /** What this side offered or answered last. */
  localSdp: Uint8Array | undefined;
  readonly #context: AgentContext;
  readonly #user: SessionRefreshUser;
  readonly #ownsCallId: boolean;
  readonly #timer: SessionTimer;
  #again: Timer | undefined;
  #terms: SessionTerms | undefined;
  #ours = false;
  /** Seconds: what the other side, or a proxy, wants at least. */
  #least: number | undefined;
  #theyUpdate = false;

  constructor(context: AgentContext, ownsCallId: boolean, user: SessionRefreshUser) {
    this.#context = context;
    this.#user = user;
    this.#ownsCallId = ownsCallId;
    this.#timer = new SessionTimer(context.clock, { refresh: () => this.#refresh(), expired: () => user.expired() });
  }

  /** What the other side says it can do. */
  learn(headers: SipHeaders): void {
    if (headers.has('Allow')) this.#theyUpdate = headers.all('Allow').includes('UPDATE');
  }

  /** We accepted an INVITE or UPDATE. */
  answered(terms: SessionTerms | undefined): void {
    this.#start(terms, terms?.refresher === 'uas');
  }

  /** An INVITE or UPDATE of ours was accepted. */
  accepted({ headers }: SipResponse): void {
    const terms = acceptedTerms(headers);
    this.#start(terms, terms?.refresher === 'uac');
  }

  /** To an INVITE or UPDATE of ours within the call: without it the other side would take the timer as dropped (section 7.4). */
  addTo(headers: SipHeaders): void {
    if (this.#terms === undefined || headers.has('Session-Expires')) return;
    const interval = Math.max(this.#terms.interval, this.#least ?? 0);
    headers.set('Session-Expires', `${interval};refresher=${this.#ours ? 'uac' : 'uas'}`);
    if (this.#least !== undefined) headers.set('Min-SE', String(this.#least));
  }

  stop(): void {
    this.#timer.stop();
    this.#again?.cancel();
  }

  #start(terms: SessionTerms | undefined, ours: boolean): void {
    this.#again?.cancel();
    this.#terms = terms;
    this.#ours = ours;
    this.#timer.start(terms, ours);
  }

  #refresh(): void {
    const offer = this.#theyUpdate ? undefined : this.localSdp;
    const method = offer === undefined ? 'UPDATE' : 'INVITE';
    this.#user.request(
      { method, headers: new SipHeaders(), body: offer ?? noBody },
      { sent: () => {}, response: (response) => this.#hear(method, response) },
    );
  }

  #hear(method: string, { status, headers }: SipResponse): void {
    if (status < 200) return;
    if (status < 300) {
      if (method === 'INVITE') this.#user.acknowledge();
    } else if (status === 491) {
      this.#later(glarePauseMs(this.#ownsCallId));
    } else if (status === 422) {
      const least = parseDeltaSeconds(headers.get('Min-SE') ?? '') ?? 0;
      // Whoever refuses what it wanted would do so for ever, and whoever wants a little more each time for long.
      if (least <= Math.max(this.#least ?? 0, this.#terms?.interval ?? 0)) return;
      this.#later(this.#least === undefined ? 0 : 1_000);
      this.#least = least;
    } else if (method === 'UPDATE' && (status === 405 || status === 501) && this.localSdp !== undefined) {
      this.#theyUpdate = false;
      this.#later(0);
    } else if (status === 500 || status === 503) {
      this.#later(Math.max(parseDeltaSeconds(headers.get('Retry-After') ?? '') ?? 1, 1) * 1_000);
    }
    // Whatever else: without a refresh the call expires.
  }

  #later(ms: number): void {
    this.#again?.cancel();
    this.#again = this.#context.clock.after(ms, () => this.#refresh());
  }
}

/** Both sides offered at once: who owns the Call-ID waits longer (RFC 3261 section 14.1). */
function glarePauseMs(ownsCallId: boolean): number {
  const pause = Math.random() * (ownsCallId ? 1_900 : 2_000) + (ownsCallId ? 2_100 : 0);
  return Math.round(pause / 10) * 10;
}
