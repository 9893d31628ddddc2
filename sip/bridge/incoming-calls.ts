import { AppError } from '../../core/errors.ts';
import { parseRoomId } from '../../core/ids.ts';
import { limitGroup } from '../../core/ip-address.ts';
import type { PhoneMedia } from '../../media/phones/phone-media.ts';
import { isWebRtcOffer } from '../../media/phones/sdp/web-rtc-offer.ts';
import type { RingTarget } from '../../signaling/calls/ring-target.ts';
import type { PhoneCalls, PhoneDesk, PhoneJoin, PhonePeer } from '../../signaling/phones/phone-desk.ts';
import { parseReplaces } from '../agent/messages/parse-replaces.ts';
import type { CallerKind, Decision, DialPlan, Entrance, PinRoom } from '../dial-plan/decision.ts';
import type { IncomingCall } from '../drachtio/incoming-call.ts';
import { SipFailure } from '../drachtio/sip-failure.ts';
import type { TrunkCalls } from '../trunks/route.ts';
import type { AskPin, PinQuestion } from './ask-pin.ts';
import type { Callers } from './callers.ts';
import type { WaitingCallers } from './early/waiting-callers.ts';
import type { Lines } from './lines/lines.ts';
import { legOptions } from './lines/phone-leg-options.ts';
import type { LineParts, PhoneLine } from './lines/phone-line.ts';
import { isDefect, Refused, refuse, toRefusal } from './refusal.ts';
import { sameParty } from './same-party.ts';
import { Setup } from './setup.ts';

export interface IncomingParts extends LineParts {
  readonly callers: Callers;
  readonly plan: DialPlan;
  readonly trunks: Pick<TrunkCalls, 'beginIncoming'>;
  readonly media: Pick<PhoneMedia, 'openLeg'>;
  readonly desk: PhoneDesk;
  readonly calls: PhoneCalls;
  readonly waiting: WaitingCallers;
  readonly lines: Lines;
  /** What this side of the network is told to send media to. */
  readonly announcedFor: (address: string) => string;
  readonly askPin: AskPin;
  /** A line is up: what it asks for is served from now on. */
  readonly serve: (line: PhoneLine) => void;
}

/** For a number that is dialled: its network gives up before. */
const mostRingMs = 180_000;

const pinRefusals = {
  wrong: [403, 'the PIN was wrong too often'],
  locked: [403, 'too many wrong PINs came from there'],
  silent: [480, 'no PIN was entered'],
  gone: [487, 'the caller hung up'],
} as const;

/** What PhoneCallHandlers.failed says, as the caller is told of it. */
const statusOf: Readonly<Record<string, number>> = {
  busy: 486,
  declined: 603,
  'no-answer': 480,
  unreachable: 480,
  forbidden: 403,
  failed: 500,
};

/** Calls that come: who it is, what the plan says, and the way there. */
export class IncomingCalls {
  readonly #parts: IncomingParts;
  #ringing = 0;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** Calls that wait to be answered. */
  get ringing(): number {
    return this.#ringing;
  }

  /** Never throws: a call that comes to nothing is refused with its reason. */
  async take(incoming: IncomingCall): Promise<void> {
    this.#ringing += 1;
    const { log } = this.#parts;
    const { callId: sipCallId } = incoming;
    let setup: Setup | undefined;
    try {
      const opened = await this.#identify(incoming);
      setup = opened.setup;
      await this.#lead(setup, opened.from, opened.decision);
    } catch (error) {
      setup?.abandon();
      const { status, headers, why } = toRefusal(error);
      if (isDefect(error)) log.error({ err: error, sipCallId }, 'a call could not be taken');
      // Each call of a user is asked for the password first.
      else log[status === 401 ? 'debug' : 'info']({ sipCallId, status, why }, 'call refused');
      await incoming.reject(status, { headers }).catch(() => {});
    } finally {
      this.#ringing -= 1;
    }
  }

  async #identify(incoming: IncomingCall) {
    const { callers, plan, trunks, media, announcedFor, log } = this.#parts;
    const { uri, headers, sdp, source, callId: sipCallId } = incoming;
    const who = await callers.identify({ method: 'INVITE', uri, headers, body: sdp, source });
    if (who.request === undefined)
      throw new Refused({
        status: who.status,
        headers: who.headers,
        why: who.status === 403 ? 'forbidden' : 'asked who it is',
      });
    const { from } = who.request;
    const decision = plan.decide(who.request);
    log.debug({ sipCallId, rule: decision.rule, to: decision.to.kind, steps: decision.steps }, 'call led by the plan');
    const takesPlace = headers.has('Replaces');
    if (decision.to.kind === 'reject' && !takesPlace) throw new Refused(refuse(decision.to.status, decision.to.reason));
    const counted = from.kind === 'trunk' ? trunks.beginIncoming(from.trunk) : undefined;
    if (from.kind === 'trunk' && counted === undefined)
      throw new Refused(refuse(503, 'the trunk has as many calls as it may have', { 'Retry-After': '10' }));
    try {
      const { address } = source;
      const place = { id: sipCallId, announced: announcedFor(address), signalledFrom: address };
      const leg = await media.openLeg(legOptions(callers.mediaOf(from), { ...place, webrtc: isWebRtcOffer(sdp) }));
      const setup = new Setup(incoming, leg, counted);
      if (setup.abandoned) throw new SipFailure('CANCELED', 'the caller took the call back');
      return { setup, from, decision };
    } catch (error) {
      counted?.ended();
      throw error;
    }
  }

  async #lead(setup: Setup, from: CallerKind, decision: Decision): Promise<void> {
    if (setup.incoming.headers.has('Replaces')) return this.#takePlace(setup, from, decision);
    const { to } = decision;
    switch (to.kind) {
      case 'room':
        return this.#enterRoom(setup, from, decision, to.room, to.entrance);
      case 'user':
        return this.#ring(setup, from, decision, { user: to.identity }, to.ringSeconds * 1_000);
      case 'number':
        return this.#ring(setup, from, decision, { number: to.number }, mostRingMs);
      case 'pin':
        return this.#ask(setup, from, decision, to.rooms, to.early);
      case 'reject':
        throw new Refused(refuse(to.status, to.reason));
    }
  }

  async #enterRoom(
    setup: Setup,
    from: CallerKind,
    decision: Decision,
    room: string,
    entrance: Entrance,
  ): Promise<void> {
    // What cannot be answered is no member for a moment either.
    await setup.describe();
    await this.#join(setup, from, decision, joinOf(from, decision, room, entrance));
  }

  /** Becomes a peer first: who may not in is refused with a status that its phone can show, and pays nothing. */
  async #join(setup: Setup, from: CallerKind, decision: Decision, join: PhoneJoin): Promise<void> {
    const peer = await this.#parts.desk.join(join);
    setup.onAbandoned(() => peer.leave('left'));
    await this.#goIn(await this.#accept(setup, from, decision), () => peer);
  }

  /** A call that was answered cannot be refused any more: it is hung up with the reason. */
  async #goIn(line: PhoneLine, join: () => PhonePeer | Promise<PhonePeer>): Promise<void> {
    try {
      await line.enter(await join());
    } catch (error) {
      const { status, why } = toRefusal(error);
      const { sipCallId } = line.facts;
      if (isDefect(error)) this.#parts.log.error({ err: error, sipCallId }, 'a phone could not enter its room');
      await line.end({ cause: status, text: why, as: 'lost' });
    }
  }

  async #accept(setup: Setup, from: CallerKind, { caller }: Decision): Promise<PhoneLine> {
    const trunk = from.kind === 'trunk' ? from.trunk : '';
    const line = await setup.accept(this.#parts, { party: from, number: caller.number, trunk });
    this.#parts.lines.add(line);
    this.#parts.serve(line);
    return line;
  }

  /** Resolves when somebody has answered. */
  async #ring(setup: Setup, from: CallerKind, decision: Decision, to: RingTarget, ringMs: number): Promise<void> {
    const { calls, waiting } = this.#parts;
    await setup.describe();
    const { identity, name, number, attributes } = decision.caller;
    const trunk = from.kind === 'trunk' ? from.trunk : '';
    const order = decision.to.kind === 'number' ? decision.to.trunks : [];
    const forget = waiting.expect(identity, to, order);
    try {
      const join = await new Promise<PhoneJoin>((resolve, reject) => {
        let rings = false;
        const call = calls.startFromPhone(
          { caller: { identity, name, number, trunk, attributes }, to, ringMs },
          {
            ringing: () => {
              if (rings || setup.abandoned) return;
              rings = true;
              setup.incoming.ring().catch(() => {});
            },
            accepted: resolve,
            failed: (reason) => reject(new Refused(refuse(statusOf[reason] ?? 480, reason))),
          },
        );
        waiting.wait(call.callId, setup);
        setup.onAbandoned(() => {
          call.cancel();
          reject(new SipFailure('CANCELED', 'the caller took the call back'));
        });
      });
      await this.#join(setup, from, decision, join);
    } finally {
      forget();
    }
  }

  async #ask(
    setup: Setup,
    from: CallerKind,
    decision: Decision,
    choices: readonly PinRoom[],
    early: boolean,
  ): Promise<void> {
    const { askPin } = this.#parts;
    const source = sourceOf(from, decision, setup);
    if (askPin.isLocked(source)) throw new Refused(refuse(403, 'too many wrong PINs came from there'));
    // Without an offer there is no answer to it that could come early.
    const isEarly = early && setup.incoming.sdp !== '';
    if (isEarly) await setup.sendEarly();
    const line = isEarly ? undefined : await this.#accept(setup, from, decision);
    const question = askPin.ask({ leg: setup.leg, choices, source, group: groupOf(from, decision) });
    setup.onAbandoned(() => question.close());
    void line?.over.then(() => question.close());
    const outcome = await question.outcome;
    if (outcome.kind !== 'right') {
      const [status, why] = pinRefusals[outcome.kind];
      if (line === undefined) throw new Refused(refuse(status, why));
      await line.end({ cause: status, text: why, as: 'closed' });
      return;
    }
    const { room, entrance } = outcome.choice;
    const join = joinOf(from, decision, room, entrance);
    if (line === undefined) await this.#join(setup, from, decision, join);
    else await this.#goIn(line, () => this.#parts.desk.join(join));
  }

  /** RFC 3891: this call goes on as the member that another one of the same party was; that one ends. */
  async #takePlace(setup: Setup, from: CallerKind, decision: Decision): Promise<void> {
    const replaces = parseReplaces(setup.incoming.headers.get('Replaces') ?? '');
    const old = replaces && this.#parts.lines.replacedBy(replaces);
    if (old?.peer === undefined) throw new Refused(refuse(481, 'there is no such call'));
    if (!sameParty(old.facts.party, from)) throw new Refused(refuse(403, 'that call is of somebody else'));
    const line = await this.#accept(setup, from, decision);
    const peer = await old.handOver();
    void old.end({ cause: 200, text: 'another call took its place', as: 'left' });
    if (peer === undefined) await line.end({ cause: 481, text: 'that call is over', as: 'closed' });
    else await this.#goIn(line, () => peer);
  }
}

function joinOf(from: CallerKind, { caller }: Decision, room: string, { can, muted }: Entrance): PhoneJoin {
  const id = parseRoomId(room);
  if (id === undefined) throw new AppError('ROOM_NOT_FOUND', { room });
  return { room: id, ...caller, trunk: from.kind === 'trunk' ? from.trunk : '', grants: new Set(can), muted };
}

/** A trunk brings many people, who are told apart by their number; guests by the network that they come from. */
function sourceOf(from: CallerKind, { caller }: Decision, { incoming }: Setup): string {
  if (from.kind === 'user') return `user:${from.identity}`;
  if (from.kind === 'trunk') return `${from.trunk}:${caller.number}`;
  return limitGroup(incoming.source.address);
}

/** Whoever calls by a trunk may write any number as its own, and guests come from many networks: each a new source. */
function groupOf(from: CallerKind, { rule }: Decision): PinQuestion['group'] {
  return from.kind === 'user' ? undefined : { trunk: from.kind === 'trunk' ? from.trunk : '', rule };
}
