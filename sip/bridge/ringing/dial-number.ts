import type { Clock, Timer } from '../../../core/clock.ts';
import type { RingFailure } from '../../../signaling/calls/telephony.ts';
import { parseUri } from '../../agent/messages/parse-uri.ts';
import { SipHeaders } from '../../agent/messages/sip-headers.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import type { ChooseRequest, Route, TrunkCall, TrunkCalls } from '../../trunks/route.ts';
import { type LegPlace, legOptions } from '../lines/phone-leg-options.ts';
import type { LineFacts, PhoneLine } from '../lines/phone-line.ts';
import { reasonHeader } from '../reason-header.ts';
import type { Attempt, AttemptOptions } from './attempt.ts';
import { ringFailure } from './ring-failure.ts';

export type AttemptFacts = Pick<LineFacts, 'party' | 'number' | 'trunk'>;

export interface AttemptHooks {
  readonly began?: (attempt: Attempt) => void;
  readonly rang?: () => void;
  readonly took?: (line: PhoneLine) => void;
}

export interface DialParts {
  readonly clock: Clock;
  readonly trunks: Pick<TrunkCalls, 'choose' | 'begin'>;
  /** No answer came to the INVITE of this call, not even 100. */
  readonly isUnanswered: (callId: string) => boolean;
}

/** What rings. */
export interface DialWays {
  isOver(): boolean;
  placeAt(address: string): LegPlace;
  /** Resolves when it was answered, by whomever. @throws {SipFailure | AppError} why it was not */
  attempt(options: AttemptOptions, facts: AttemptFacts, hooks: AttemptHooks): Promise<void>;
}

interface Tried {
  readonly error: unknown;
  /** The next target may take it. */
  readonly next: boolean;
}

/**
 * A target of a trunk that does not even say that it rings makes room for the next one, and the last one is given up where it says
 * nothing at all. By UDP nobody tells that nobody listens, and the transaction ends after 32 s only: callers hang up before.
 */
const firstWordWithinMs = 8_000;

/**
 * The ways to a number, one after the other: a target that is not there or does not know its way makes room for the next one; what rang
 * is not dialled again. Undefined: it was answered, or is over.
 */
export async function dialNumber(
  { clock, trunks, isUnanswered }: DialParts,
  request: ChooseRequest,
  ways: DialWays,
): Promise<RingFailure | undefined> {
  const { routes, refusal } = trunks.choose(request);
  if (refusal !== undefined) return refusal.status === 403 ? 'forbidden' : 'unreachable';
  let failure: RingFailure = 'unreachable';
  for (const [at, route] of routes.entries()) {
    if (ways.isOver()) return undefined;
    let cut = (_reason: string) => {};
    const counted = trunks.begin(route, (reason) => cut(reason));
    if (counted === undefined) continue;
    const tried = await tryRoute(route, counted, ways, {
      clock,
      // Networks take longer than that to find some phones, and there is nobody else to ask.
      isHopeless: at < routes.length - 1 ? () => true : isUnanswered,
      cutBy: (by) => {
        cut = by;
      },
    });
    if (tried === undefined) return undefined;
    failure = ringFailure(tried.error);
    if (!tried.next) return failure;
  }
  return failure;
}

async function tryRoute(
  { trunk, number, uri, proxy, headers, credentials, media }: Route,
  counted: TrunkCall,
  { placeAt, attempt: place }: DialWays,
  {
    clock,
    isHopeless,
    cutBy,
  }: {
    clock: Clock;
    isHopeless: (callId: string) => boolean;
    cutBy: (cut: (reason: string) => void) => void;
  },
): Promise<Tried | undefined> {
  const host = parseUri(proxy);
  const address = host?.scheme === 'sip' || host?.scheme === 'sips' ? host.host : '';
  let rang = false;
  let patience: Timer | undefined;
  let stop = (_failure: SipFailure) => {};
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const reached = place(
    { uri, proxy, headers, credentials, leg: legOptions(media, placeAt(address)) },
    { party: { kind: 'trunk', trunk }, number, trunk },
    {
      began: (attempt) => {
        cutBy((reason) => {
          attempt.cancel({ Reason: reasonHeader(403, reason) });
          stop(new SipFailure('CANCELED', reason, { status: 403, headers: new SipHeaders() }));
        });
        // Of a first try, which wanted other keys.
        patience?.cancel();
        if (rang) return;
        patience = clock.after(firstWordWithinMs, () => {
          if (!isHopeless(attempt.callId)) return;
          // Without any answer a CANCEL has to wait (RFC 3261 section 9.1), and nobody waits for it.
          attempt.cancel({ Reason: reasonHeader(408, 'it says nothing') });
          stop(new SipFailure('REFUSED', '408 it says nothing', { status: 408, headers: new SipHeaders() }));
        });
      },
      rang: () => {
        rang = true;
        patience?.cancel();
      },
      took: (line) => {
        patience?.cancel();
        cutBy((reason) => void line.end({ cause: 403, text: reason, as: 'closed' }));
        counted.answered();
        void line.over.then(() => counted.ended());
      },
    },
  );
  reached.catch(() => {});
  try {
    await Promise.race([reached, stopped]);
    return undefined;
  } catch (error) {
    // What is wrong with our media, or with an answer that came, is no better elsewhere.
    const failure = error instanceof SipFailure && error.reason !== 'CANCELED' ? error : undefined;
    if (failure !== undefined && failure.reason !== 'DISCONNECTED') counted.failed(failure.status, failure.message);
    counted.ended();
    return { error, next: failure !== undefined && leadsOn(failure.status) && !rang };
  } finally {
    patience?.cancel();
  }
}

/** It could not be reached, does not know us, or cannot now: another target may. 0 is no answer at all. */
function leadsOn(status: number): boolean {
  return [0, 401, 407, 408].includes(status) || (status >= 500 && status < 600);
}
