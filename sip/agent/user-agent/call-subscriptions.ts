import type { Clock, Timer } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseParameters } from '../messages/parameters.ts';
import { parseCSeq } from '../messages/parse-cseq.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import type { SipHeaders } from '../messages/sip-headers.ts';
import { patience, type Timing } from '../transactions/timing.ts';
import { isWithoutSubscription, parseSubscriptionState, usualSeconds } from './subscription-state.ts';

/** Of one call. What a further one is notified of ends with the call. */
const most = 8;

type Side = 'us' | 'them';
type Message = Pick<SipRequest, 'method' | 'headers'>;

export interface CallSubscriptionsUser {
  /** Those who we notify are told that it is over (RFC 6665 section 4.2.1.4). */
  say(fields: readonly (readonly [name: string, value: string])[]): void;
  /** One of them is over. */
  ended(): void;
}

interface Known {
  readonly notifier: Side;
  readonly event: string;
  /** How long it lasts after a NOTIFY that does not say. */
  readonly seconds: number;
  notified: boolean;
  timer: Timer;
}

/**
 * Subscriptions within the dialog of a call: what a REFER or SUBSCRIBE began (RFC 3515 section 2.4.4). The dialog is there for them as
 * long as they last, though the call is over (RFC 5057 section 4.2): who transferred a call hears how it went after it hung up.
 */
export class CallSubscriptions {
  readonly #clock: Clock;
  readonly #timing: Timing;
  readonly #user: CallSubscriptionsUser;
  readonly #known = new Map<string, Known>();

  constructor(about: { readonly clock: Clock; readonly timing: Timing }, user: CallSubscriptionsUser) {
    this.#clock = about.clock;
    this.#timing = about.timing;
    this.#user = user;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Whether a request belongs to one of them: a NOTIFY of the notifier, or a SUBSCRIBE that refreshes it. */
  has(message: Message, sender: Side): boolean {
    return this.#find(message, sender) !== undefined;
  }

  /** A request of ours leaves. The NOTIFY of a REFER may come before its answer. */
  sent(request: SipRequest): void {
    if (subscribes(request) && !this.has(request, 'us')) this.#begin(request, 'them', 2 * patience(this.#timing));
    const { state, seconds } = parseSubscriptionState(request.headers);
    if (request.method !== 'NOTIFY' || state === 'terminated' || seconds === undefined) return;
    this.#wait(this.#find(request, 'us'), seconds * 1_000);
  }

  /** It got its final answer. */
  answered(request: SipRequest, response: SipResponse): void {
    const { status } = response;
    const key = this.#find(request, 'us');
    if (status < 200 || key === undefined) return;
    const success = status < 300;
    if (request.method === 'NOTIFY') {
      const last = parseSubscriptionState(request.headers).state === 'terminated';
      // That it wants to know who we are, ends nothing.
      if (last || (!success && status !== 401 && status !== 407)) this.#end(key);
    } else if (!success || isWithoutSubscription(response)) this.#end(key);
    // The first NOTIFY comes at once (timer N, RFC 6665 section 4.1.2). One that was here already says how long.
    else if (this.#known.get(key)?.notified === false) this.#wait(key, patience(this.#timing));
  }

  /** A REFER or SUBSCRIBE of theirs that we answered. */
  granted(request: SipRequest, response: SipResponse): void {
    if (response.status < 200 || response.status >= 300 || !subscribes(request)) return;
    const known = this.#find(request, 'them');
    if (isWithoutSubscription(response)) return;
    const seconds = parseDeltaSeconds(response.headers.get('Expires') ?? '') ?? usualSeconds(request.method);
    const ms = seconds === 0 ? patience(this.#timing) : seconds * 1_000;
    if (known === undefined) this.#begin(request, 'us', ms);
    else this.#wait(known, ms);
  }

  /** A NOTIFY of theirs was told of. */
  heard(request: SipRequest): void {
    const key = request.method === 'NOTIFY' ? this.#find(request, 'them') : undefined;
    if (key === undefined) return;
    const { state, seconds } = parseSubscriptionState(request.headers);
    const known = this.#known.get(key);
    if (known !== undefined) known.notified = true;
    if (state === 'terminated') this.#end(key);
    else this.#wait(key, (seconds ?? known?.seconds ?? 0) * 1_000 + patience(this.#timing));
  }

  /** All of them. `reason` for those who we notify; without one nobody is there to hear it. */
  close(reason: string | undefined): void {
    for (const key of [...this.#known.keys()]) this.#end(key, reason);
  }

  #begin(request: SipRequest, notifier: Side, ms: number): void {
    if (this.#known.size >= most) return;
    const key = keyOf(request, notifier);
    const event = eventOf(request.headers).whole;
    const seconds = usualSeconds(request.method);
    this.#known.set(key, { notifier, event, seconds, notified: false, timer: this.#timer(key, ms) });
  }

  #find(message: Message, sender: Side): string | undefined {
    // Who sends a NOTIFY is the notifier, who subscribes is the other one.
    const notifier = message.method === 'NOTIFY' ? sender : sender === 'us' ? 'them' : 'us';
    if (message.method !== 'NOTIFY' && !subscribes(message)) return undefined;
    const key = keyOf(message, notifier);
    if (this.#known.has(key) || message.method !== 'NOTIFY') return this.#known.has(key) ? key : undefined;
    // The first REFER of a dialog may go without its number (RFC 3515 section 2.4.6).
    const { name, id } = eventOf(message.headers);
    if (id !== undefined) return undefined;
    return [...this.#known.keys()].find((other) => other.startsWith(`${notifier} ${name} `));
  }

  #wait(key: string | undefined, ms: number): void {
    const known = key === undefined ? undefined : this.#known.get(key);
    if (key === undefined || known === undefined) return;
    known.timer.cancel();
    known.timer = this.#timer(key, ms);
  }

  #timer(key: string, ms: number): Timer {
    return this.#clock.after(ms, () => this.#end(key, 'timeout'));
  }

  #end(key: string, reason?: string): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    known.timer.cancel();
    this.#known.delete(key);
    if (known.notifier === 'us' && reason !== undefined) {
      this.#user.say([
        ['Event', known.event],
        ['Subscription-State', `terminated;reason=${reason}`],
      ]);
    }
    this.#user.ended();
  }
}

function subscribes({ method }: Message): boolean {
  return method === 'REFER' || method === 'SUBSCRIBE';
}

/** A REFER is told from others by its CSeq (RFC 3515 section 2.4.6), a SUBSCRIBE by what it says itself. */
function keyOf({ method, headers }: Message, notifier: Side): string {
  if (method === 'REFER') return `${notifier} refer ${parseCSeq(headers.get('CSeq') ?? '')?.number}`;
  const { name, id = '' } = eventOf(headers);
  return `${notifier} ${name} ${id}`;
}

function eventOf(headers: SipHeaders): {
  readonly whole: string;
  readonly name: string;
  readonly id: string | undefined;
} {
  const whole = headers.get('Event') ?? 'refer';
  const [name = '', ...rest] = whole.split(';');
  return { whole, name: name.trim().toLowerCase(), id: parseParameters(rest.join(';')).get('id') };
}
