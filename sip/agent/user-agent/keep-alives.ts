import type { Clock, Timer } from '../../../core/clock.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { parseNameAddr } from '../messages/parse-name-addr.ts';
import { parseDeltaSeconds } from '../messages/parse-session-expires.ts';
import { parseVia } from '../messages/parse-via.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Flow } from '../transports/flow.ts';

/** RFC 5626 section 4.4.1: a stream that is pinged at least this often stays open in what stands between. */
export const keepAliveSeconds = 120;
/** Section 4.4.2: routers forget a way of UDP after half a minute. */
const udpSeconds = 29;
/** Section 4.4.1: without a pong by then the flow has failed. */
const pongMs = 10_000;
/** Beyond it a registration is not remembered, and its flow is left to the idle rule. */
const mostRegistrations = 10_000;

const ping = Buffer.from('\r\n\r\n');

interface Kept {
  readonly flow: Flow;
  /** Sessions, and registrations by their names. */
  readonly users: Set<object | string>;
  seconds: number;
  timer: Timer;
  /** Runs from a ping until something comes. */
  awaited: Timer | undefined;
  /** It said that it answers pings, or did: not to do so is a failure. Others may never have heard of them. */
  answers: boolean;
}

/**
 * Pings of the flows that this side opened, for as long as a dialog or a registration uses them (RFC 5626 section 4.4, RFC 6223).
 * One timer a flow; flows are as many as their users, which have their bounds.
 */
export class KeepAlives {
  readonly #clock: Clock;
  readonly #seconds: number;
  readonly #random: () => number;
  /** By id: a flow of UDP may be made anew. */
  readonly #kept = new Map<string, Kept>();
  readonly #flowOf = new Map<object | string, Kept>();
  /** Until when, by name. */
  readonly #registrations = new Map<string, number>();

  /** `seconds` is the longest time between two pings of a stream; 0 sends none. */
  constructor(clock: Clock, seconds: number, random: () => number = Math.random) {
    this.#clock = clock;
    this.#seconds = seconds;
    this.#random = random;
  }

  /** Flows that are kept open. */
  get size(): number {
    return this.#kept.size;
  }

  /** An answer to a request of ours. `session`: whose dialog it belongs to. */
  answered(request: SipRequest, response: SipResponse, hop: Hop | undefined, session: object | undefined): void {
    if (this.#seconds === 0 || hop === undefined || !isFlow(hop) || !hop.open) return;
    if (request.method === 'REGISTER') this.#registered(request, response, hop);
    // Calls over UDP end within the times of their own timers; a CRLF there is no more than a habit of phones (section 4.4.2).
    else if (session !== undefined && hop.ours) this.#hold(session, hop, promised(response));
  }

  /** The dialogs of a session are over. */
  release(user: object | string): void {
    const kept = this.#flowOf.get(user);
    this.#flowOf.delete(user);
    kept?.users.delete(user);
    if (kept?.users.size === 0) this.#stop(kept);
  }

  /** A message came, or something else that shows that the other side is there. */
  heard(flow: Flow, pong = false): void {
    const kept = this.#kept.get(flow.id);
    if (kept?.awaited === undefined) return;
    kept.awaited.cancel();
    kept.awaited = undefined;
    if (pong) kept.answers = true;
  }

  closed(flow: Flow): void {
    const kept = this.#kept.get(flow.id);
    if (kept !== undefined) this.#stop(kept);
  }

  close(): void {
    for (const kept of [...this.#kept.values()]) this.#stop(kept);
  }

  #registered(request: SipRequest, response: SipResponse, flow: Flow): void {
    if (response.status < 200 || response.status >= 300) return;
    if (!flow.ours && flow.transport !== 'UDP') return;
    const name = `${request.uri} ${parseNameAddr(request.headers.get('To') ?? '')?.uri ?? ''}`;
    const seconds = grantedSeconds(request, response);
    if (seconds === 0) {
      this.#registrations.delete(name);
      this.release(name);
      return;
    }
    if (!this.#registrations.has(name) && this.#registrations.size >= mostRegistrations) return;
    this.#registrations.set(name, this.#clock.monotonicMs() + seconds * 1_000);
    this.#hold(name, flow, promised(response));
  }

  #hold(user: object | string, flow: Flow, seconds: number | undefined): void {
    const kept = this.#kept.get(flow.id) ?? this.#start(flow);
    if (this.#flowOf.get(user) !== kept) {
      this.release(user);
      this.#flowOf.set(user, kept);
      kept.users.add(user);
    }
    if (seconds === undefined) return;
    kept.answers = true;
    if (seconds === 0 || seconds >= kept.seconds) return;
    kept.seconds = Math.max(seconds, 15);
    kept.timer.cancel();
    kept.timer = this.#next(kept);
  }

  #start(flow: Flow): Kept {
    const seconds = flow.reliable ? this.#seconds : Math.min(this.#seconds, udpSeconds);
    const about = { flow, users: new Set<object | string>(), seconds, awaited: undefined, answers: false };
    const kept: Kept = { ...about, timer: this.#clock.after(this.#delayMs(seconds), () => this.#ping(kept)) };
    this.#kept.set(flow.id, kept);
    return kept;
  }

  #stop(kept: Kept): void {
    kept.timer.cancel();
    kept.awaited?.cancel();
    this.#kept.delete(kept.flow.id);
    for (const user of kept.users) {
      this.#flowOf.delete(user);
      if (typeof user === 'string') this.#registrations.delete(user);
    }
    kept.users.clear();
  }

  #next(kept: Kept): Timer {
    return this.#clock.after(this.#delayMs(kept.seconds), () => this.#ping(kept));
  }

  /** Between 80 and 100 %, so that a thousand flows of one moment do not speak in one (section 4.4). */
  #delayMs(seconds: number): number {
    return seconds * 1_000 * (0.8 + 0.2 * this.#random());
  }

  #ping(kept: Kept): void {
    const { flow, users } = kept;
    for (const user of users) {
      if (typeof user !== 'string' || (this.#registrations.get(user) ?? 0) > this.#clock.monotonicMs()) continue;
      this.#registrations.delete(user);
      this.#flowOf.delete(user);
      users.delete(user);
    }
    if (users.size === 0 || !flow.open) {
      this.#stop(kept);
      return;
    }
    // What cannot be written has its own end.
    flow.send(ping).catch(() => {});
    // Nobody writes to what was closed for that: a queue that was full.
    if (!this.#kept.has(flow.id)) return;
    kept.timer = this.#next(kept);
    if (!flow.reliable) return;
    kept.awaited ??= this.#clock.after(pongMs, () => {
      kept.awaited = undefined;
      if (kept.answers) flow.close('pong');
    });
  }
}

/** Who says so answers pings, and wants one at least this often; 0 is any time (RFC 6223 section 4.1, RFC 5626 section 5.4). */
function promised({ headers }: SipResponse): number | undefined {
  const keep = parseVia(headers.get('Via') ?? '')?.parameters.get('keep');
  const said = keep === undefined || keep === '' ? headers.get('Flow-Timer') : keep;
  return said === undefined ? undefined : parseDeltaSeconds(said);
}

function grantedSeconds({ headers }: SipRequest, response: SipResponse): number {
  const contact = headers.get('Contact');
  // A question, or an end.
  if (contact === undefined || contact.trim() === '*') return 0;
  const ours = parseNameAddr(contact);
  const theirs = response.headers
    .all('Contact')
    .map((value) => parseNameAddr(value))
    .find((known) => known?.uri === ours?.uri);
  const granted = theirs?.parameters.get('expires') ?? response.headers.get('Expires');
  const asked = ours?.parameters.get('expires') ?? headers.get('Expires');
  return Math.min(parseDeltaSeconds(asked === '0' ? '0' : (granted ?? asked ?? '')) ?? 3_600, 86_400);
}

/** Requests leave by flows; the way back of one that came may be less. */
function isFlow(hop: Hop): hop is Flow {
  return 'remote' in hop && 'open' in hop;
}
