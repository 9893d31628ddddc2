import { isIP } from 'node:net';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import type { PhoneMedia } from '../../../media/phones/phone-media.ts';
import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import type {
  AnsweredPhone,
  RingEnd,
  RingFailure,
  RingHandlers,
  Ringing,
  RingRequest,
} from '../../../signaling/calls/telephony.ts';
import type { PhoneDesk } from '../../../signaling/phones/phone-desk.ts';
import type { CallerKind } from '../../dial-plan/decision.ts';
import type { SipCalls } from '../../drachtio/sip-calls.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import type { Phones, Registration } from '../../registrar/registration.ts';
import type { TrunkCalls } from '../../trunks/route.ts';
import type { Callers } from '../callers.ts';
import { EarlyVoices } from '../early/early-voices.ts';
import type { WaitingCallers } from '../early/waiting-callers.ts';
import type { Lines } from '../lines/lines.ts';
import { type LegPlace, legOptions } from '../lines/phone-leg-options.ts';
import { type OpenKeypad, PhoneLine } from '../lines/phone-line.ts';
import { completedElsewhere, reasonHeader } from '../reason-header.ts';
import { toRefusal } from '../refusal.ts';
import { Attempt, type AttemptOptions, type Reached } from './attempt.ts';
import { callerFrom } from './caller-from.ts';
import { type AttemptFacts, type AttemptHooks, dialNumber } from './dial-number.ts';
import { redirection } from './redirection.ts';
import { mostTelling, ringFailure } from './ring-failure.ts';

export interface RingParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly sip: Pick<SipCalls, 'place'>;
  readonly media: Pick<PhoneMedia, 'openLeg'>;
  readonly phones: Pick<Phones, 'contactsOf' | 'forget'>;
  readonly trunks: Pick<TrunkCalls, 'choose' | 'begin'>;
  readonly callers: Pick<Callers, 'mediaOf'>;
  readonly desk: PhoneDesk;
  readonly waiting: WaitingCallers;
  readonly lines: Lines;
  readonly announcedFor: (address: string) => string;
  readonly isUnanswered: (callId: string) => boolean;
  readonly serve: (line: PhoneLine) => void;
  readonly keypad: OpenKeypad;
  /** Where the plan leads this user who dials. */
  readonly resolve: (target: RingTarget, identity: string) => Resolved;
}

/** A target as the plan knows it. */
export type Resolved =
  | { readonly kind: 'user'; readonly identity: string }
  | { readonly kind: 'number'; readonly number: string; readonly trunks: readonly string[] }
  | { readonly kind: 'nowhere'; readonly failure: RingFailure };

/** The connection that the phone registered over is gone (RFC 5626 section 11.5). */
const flowFailed = 430;

/** How often a call may be sent on by who is called (302). */
const mostRedirections = 3;

const ends: { readonly [End in RingEnd]: string } = {
  'answered-elsewhere': completedElsewhere,
  canceled: reasonHeader(487, 'the caller hung up'),
  'no-answer': reasonHeader(408, 'nobody answered in time'),
  declined: reasonHeader(603, 'declined elsewhere'),
};

/** One target that rings: all phones of a user at once, or the ways to a number one after the other. */
export class Ring implements Ringing {
  readonly #parts: RingParts;
  readonly #request: RingRequest;
  readonly #told: RingHandlers;
  readonly #attempts = new Set<Attempt>();
  readonly #early: EarlyVoices;
  #over = false;
  #redirections = 0;

  constructor(parts: RingParts, target: RingTarget, request: RingRequest, told: RingHandlers, over: () => void) {
    this.#parts = parts;
    this.#request = request;
    this.#told = told;
    this.#early = new EarlyVoices({
      desk: parts.desk,
      toCaller: (leg) => parts.waiting.hear(request.callId, leg),
      toRoom: (phone) => told.early(phone),
    });
    // Not in this turn: whoever rings does not know yet what it is told of.
    queueMicrotask(() => {
      void this.#run(target, request.onBehalfOf)
        .catch((error: unknown) => {
          parts.log.error({ err: error, callId: request.callId }, 'a phone could not be rung');
          return 'failed' as const;
        })
        .then((failure) => {
          if (failure !== undefined && this.#end()) told.failed(failure);
        })
        .finally(over);
    });
  }

  cancel(reason: RingEnd): void {
    if (!this.#end()) return;
    this.#early.close();
    this.#cancelAll(ends[reason]);
  }

  #end(): boolean {
    const first = !this.#over;
    this.#over = true;
    return first;
  }

  #cancelAll(reason: string): void {
    for (const attempt of [...this.#attempts]) attempt.cancel({ Reason: reason });
  }

  /** Undefined: it was answered, or is over. `identity`: in whose right. */
  async #run(target: RingTarget, identity: string): Promise<RingFailure | undefined> {
    if (this.#over) return undefined;
    const { waiting, resolve } = this.#parts;
    const trunks = 'number' in target ? waiting.trunksOf(identity, target) : undefined;
    if (trunks !== undefined && 'number' in target) return this.#dial(target.number, trunks, identity);
    const found = resolve(target, identity);
    if (found.kind === 'nowhere') return found.failure;
    if (found.kind === 'number') return this.#dial(found.number, found.trunks, identity);
    const phones = this.#parts.phones.contactsOf(found.identity);
    const failures = await Promise.all(phones.map((phone) => this.#ringPhone(phone)));
    return failures.includes(undefined) ? undefined : mostTelling(failures.filter((one) => one !== undefined));
  }

  async #ringPhone({
    id,
    identity,
    uri,
    proxy,
    headers,
    from,
    protocol,
  }: Registration): Promise<RingFailure | undefined> {
    const party: CallerKind = { kind: 'user', identity };
    const place = { ...this.#place(addressOf(from)), webrtc: /^wss?$/i.test(protocol) };
    try {
      await this.#attempt(
        {
          uri,
          proxy,
          headers: { ...headers, From: callerFrom(this.#request) },
          leg: legOptions(this.#parts.callers.mediaOf(party), place),
        },
        { party, number: identity, trunk: '' },
      );
      return undefined;
    } catch (error) {
      if (error instanceof SipFailure && error.status === flowFailed) this.#parts.phones.forget(id);
      const elsewhere = redirection(error);
      if (elsewhere === undefined || this.#redirections >= mostRedirections) return ringFailure(error);
      this.#redirections += 1;
      // Whoever sends a call on pays for it, and may do so where they may call themselves.
      return this.#run({ number: elsewhere }, identity);
    }
  }

  #dial(number: string, trunks: readonly string[], identity: string): Promise<RingFailure | undefined> {
    const placeAt = (address: string) => this.#place(address);
    const ways = { isOver: () => this.#over, placeAt, attempt: this.#attempt.bind(this) };
    return dialNumber(this.#parts, { number, trunks, identity }, ways);
  }

  /** Resolves when this phone, or another one, has been picked up. @throws {SipFailure | AppError} why it was not. */
  async #attempt(options: AttemptOptions, facts: AttemptFacts, hooks: AttemptHooks = {}): Promise<void> {
    try {
      await this.#attemptOnce(options, facts, hooks);
    } catch (error) {
      const { leg } = options;
      // A phone that has to encrypt wants it in the protocol of the stream (RFC 4568), and takes no keys beside plain RTP.
      const wantsSrtp = error instanceof SipFailure && error.status === 488 && leg.srtp === 'optional';
      if (!wantsSrtp || this.#over) throw error;
      await this.#attemptOnce({ ...options, leg: { ...leg, srtp: 'required' } }, facts, hooks);
    }
  }

  async #attemptOnce(options: AttemptOptions, facts: AttemptFacts, hooks: AttemptHooks): Promise<void> {
    const { sip, media, lines, log, waiting } = this.#parts;
    const hops = waiting.hopsLeft(this.#request.callId);
    // One that is forwarded to where it came from would go round for ever.
    const headers = { ...options.headers, ...(hops !== undefined && { 'Max-Forwards': String(hops) }) };
    const phone: AnsweredPhone = { number: facts.number, name: '', trunk: facts.trunk };
    let line: PhoneLine | undefined;
    const took = ({ call, leg }: Reached) => {
      const sipCallId = call.id.slice(0, call.id.lastIndexOf(';from-tag='));
      line = new PhoneLine(this.#parts, call, leg, { ...facts, direction: 'outgoing', sipCallId });
      lines.add(line);
      this.#parts.serve(line);
      hooks.took?.(line);
    };
    const onListenerError = (error: unknown, event: string) => log.error({ err: error, event }, 'a listener failed');
    const attempt = new Attempt({ sip, media, onListenerError }, { ...options, headers }, took);
    this.#attempts.add(attempt);
    hooks.began?.(attempt);
    attempt.events.on('ringing', () => {
      hooks.rang?.();
      if (!this.#over) this.#told.ringing();
    });
    attempt.events.on('early', ({ leg }) => {
      if (!this.#over) this.#early.speaks(attempt, { leg, phone });
    });
    try {
      await attempt.reached;
    } catch (error) {
      this.#early.ended(attempt);
      throw error;
    } finally {
      this.#attempts.delete(attempt);
    }
    if (line !== undefined) await this.#answered(attempt, line, phone);
  }

  async #answered(attempt: Attempt, line: PhoneLine, phone: AnsweredPhone): Promise<void> {
    const isFirst = this.#end();
    if (isFirst) {
      // The others stop at once, whatever becomes of this one.
      this.#early.keep(attempt);
      this.#cancelAll(completedElsewhere);
    }
    try {
      const join = isFirst ? await this.#told.answered(phone) : undefined;
      const early = isFirst && join !== undefined ? await this.#early.answer() : undefined;
      if (early !== undefined) await line.goOn(early);
      else if (join !== undefined) await line.enter(await this.#parts.desk.join(join));
      else {
        if (isFirst) this.#early.close();
        await line.end({ cause: 200, text: 'Call completed elsewhere', as: 'closed' });
      }
    } catch (error) {
      const { status, why } = toRefusal(error);
      this.#parts.log.info({ callId: this.#request.callId, status, why }, 'a phone that answered could not join');
      await line.end({ cause: status, text: why, as: 'lost' });
    }
  }

  #place(address: string): LegPlace {
    const { callId, legId } = this.#request;
    const place = { id: `${callId}/${legId}`, announced: this.#parts.announcedFor(address) };
    return isIP(address) === 0 ? place : { ...place, signalledFrom: address };
  }
}

/** Of `203.0.113.7:5060` or `[2001:db8::1]:5060`. */
function addressOf(endpoint: string): string {
  return endpoint.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
