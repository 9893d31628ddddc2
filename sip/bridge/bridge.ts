import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { PhoneMedia } from '../../media/phones/phone-media.ts';
import type { RingTarget } from '../../signaling/calls/ring-target.ts';
import type { Telephony } from '../../signaling/calls/telephony.ts';
import type { PhoneCalls, PhoneDesk } from '../../signaling/phones/phone-desk.ts';
import type { DialPlan } from '../dial-plan/decision.ts';
import type { IncomingCall } from '../drachtio/incoming-call.ts';
import type { SipCalls } from '../drachtio/sip-calls.ts';
import type { Phones } from '../registrar/registration.ts';
import type { TrunkCalls } from '../trunks/route.ts';
import type { AskPin } from './ask-pin.ts';
import type { Callers } from './callers.ts';
import { WaitingCallers } from './early/waiting-callers.ts';
import { IncomingCalls } from './incoming-calls.ts';
import { Lines } from './lines/lines.ts';
import type { OpenKeypad, PhoneLine } from './lines/phone-line.ts';
import { transfer } from './lines/transfers.ts';
import { partyOf } from './party-of.ts';
import { resolveTarget } from './resolve-target.ts';
import { SipTelephony } from './ringing/sip-telephony.ts';

export interface BridgeParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly sip: Pick<SipCalls, 'place'>;
  readonly media: Pick<PhoneMedia, 'openLeg'>;
  readonly plan: DialPlan;
  readonly callers: Callers;
  readonly phones: Pick<Phones, 'contactsOf' | 'forget'>;
  readonly trunks: TrunkCalls;
  readonly desk: PhoneDesk;
  readonly calls: PhoneCalls;
  readonly keypad: OpenKeypad;
  readonly askPin: AskPin;
  /** What the side at this address is told to send media to. */
  readonly announcedFor: (address: string) => string;
  /** Whether an INVITE of this call waits and got no answer so far, not even 100. */
  readonly isUnanswered: (callId: string) => boolean;
}

export interface BridgeStats {
  /** Phones in calls. */
  readonly lines: number;
  /** Calls that came and are not answered. */
  readonly incoming: number;
  /** Users and numbers that ring. */
  readonly outgoing: number;
}

/** Between calls of SIP and the rooms that phones are in: whatever comes is led somewhere, whoever is to be rung is rung. */
export class Bridge {
  readonly telephony: Telephony;
  readonly #lines = new Lines();
  readonly #waiting: WaitingCallers;
  readonly #incoming: IncomingCalls;
  readonly #telephony: SipTelephony;
  readonly #parts: BridgeParts;

  constructor(parts: BridgeParts) {
    this.#parts = parts;
    this.#waiting = new WaitingCallers(parts.clock);
    const serve = (line: PhoneLine) => this.#serve(line);
    const shared = { ...parts, lines: this.#lines, waiting: this.#waiting, serve };
    this.#incoming = new IncomingCalls(shared);
    const { plan } = parts;
    this.#telephony = new SipTelephony({
      ...shared,
      resolve: (target, identity) => resolveTarget(plan, target, partyOf(identity)),
    });
    this.telephony = this.#telephony;
  }

  /** Never throws. */
  take(call: IncomingCall): Promise<void> {
    return this.#incoming.take(call);
  }

  get stats(): BridgeStats {
    return {
      lines: this.#lines.size,
      incoming: this.#incoming.ringing,
      outgoing: this.#telephony.ringing,
    };
  }

  /** Nothing rings any more, and every phone is hung up. Resolves when the last one has left its room. */
  async close(): Promise<void> {
    this.#telephony.close();
    await this.#lines.endAll({ cause: 503, text: 'the server is stopping', as: 'closed' });
  }

  #serve(line: PhoneLine): void {
    const { clock, plan } = this.#parts;
    const resolve = (target: RingTarget) => resolveTarget(plan, target, line.facts.party);
    const parts = { clock, lines: this.#lines, waiting: this.#waiting, resolve };
    line.call.serve({
      offer: (offer) => line.describe(offer),
      refer: ({ to }) => transfer(parts, line, to),
    });
  }
}
