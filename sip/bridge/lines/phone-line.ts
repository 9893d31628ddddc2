import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import type { PhoneLeg } from '../../../media/phones/phone-media.ts';
import type { PhoneEnd, PhonePeer } from '../../../signaling/phones/phone-desk.ts';
import type { CallerKind } from '../../dial-plan/decision.ts';
import type { Call, CallEnd } from '../../drachtio/call.ts';
import { reasonHeader } from '../reason-header.ts';
import { readInfoDigit } from './info-digit.ts';
import { obeyRoom } from './obey-room.ts';
import { QualityWatch } from './quality-watch.ts';
import { within } from './within.ts';

/** Who is at the other end, and how the call came about. */
export interface LineFacts {
  readonly direction: 'incoming' | 'outgoing';
  /** As far as it is known for sure: what it may ask for within the call. */
  readonly party: CallerKind;
  readonly number: string;
  /** Empty: a phone of this server. */
  readonly trunk: string;
  /** For logs and `parley sip trace`. */
  readonly sipCallId: string;
  /** Our offer stands in the 2xx: its answer comes with the ACK. */
  readonly offered?: boolean;
}

/** Why a line ends, for the phone and for the record. */
export interface LineEnd {
  /** A SIP status, or 200 for an ordinary end. */
  readonly cause: number;
  readonly text: string;
  /** How it leaves its room. */
  readonly as: PhoneEnd;
}

/** What hears the keys of a phone in a room, and speaks to it. */
export interface LineKeypad {
  /** Says that one is in the room. */
  welcome(): void;
  close(): void;
}

export type OpenKeypad = (leg: PhoneLeg, peer: PhonePeer, leave: () => void) => LineKeypad;

export interface LineParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly keypad: OpenKeypad;
}

/** How long it is waited for the answer to the last NOTIFY, and to a BYE. The agent goes on to send it, for 32 s to a phone that is gone. */
const goodbyeMs = 1_000;

/**
 * A phone in a call with us: its dialog and its media, and the peer that it is while it is in a room. Whatever ends first takes the
 * others with it: it hangs up, its media stops, it is taken out of the room, its thread or the connection to the agent is lost.
 */
export class PhoneLine {
  readonly call: Call;
  readonly leg: PhoneLeg;
  readonly facts: LineFacts;
  /** Resolves when nothing of it is left. */
  readonly over: Promise<void>;
  readonly #parts: LineParts;
  readonly #startedMs: number;
  #tellOver: () => void = () => {};
  #peer: PhonePeer | undefined;
  #keypad: LineKeypad | undefined;
  readonly #unsubscribe: (() => void)[] = [];
  #disobey = () => {};
  #ended = false;
  #wantsHold = false;
  #holding: Promise<void> | undefined;
  /** Our offer was sent without one of theirs, and its answer is what is told next. */
  #awaitsAnswer: boolean;
  readonly #quality: QualityWatch;
  /** What has to be said before it is hung up, as the outcome of a transfer. */
  #lastWords: Promise<unknown> = Promise.resolve();

  constructor(parts: LineParts, call: Call, leg: PhoneLeg, facts: LineFacts) {
    this.#parts = parts;
    this.call = call;
    this.leg = leg;
    this.facts = facts;
    this.#awaitsAnswer = facts.offered ?? false;
    this.#startedMs = parts.clock.monotonicMs();
    this.over = new Promise((resolve) => {
      this.#tellOver = resolve;
    });
    call.events.on('modified', ({ sdp }) => this.#modified(sdp));
    call.events.on('unanswered', () => {
      this.#awaitsAnswer = false;
      // Nothing would ever be heard.
      if (leg.codec === undefined) void this.end({ cause: 488, text: 'our offer was not answered', as: 'closed' });
    });
    call.events.on('info', ({ headers, body }) => {
      const told = readInfoDigit(headers.get('Content-Type'), body);
      if (told !== undefined) leg.digitByInfo(told.digit, told.durationMs);
    });
    call.events.on('ended', (end) => this.#callEnded(end));
    this.#unsubscribe.push(
      leg.events.on('heldChanged', () => this.showMedia()),
      leg.events.on('silent', () => void this.end({ cause: 408, text: 'no media came', as: 'no-media' })),
      leg.events.on('closed', () => void this.end({ cause: 500, text: 'its media was lost', as: 'media-lost' })),
    );
    this.#quality = new QualityWatch(parts.clock, leg, (quality) => this.#peer?.report(quality));
  }

  get up(): boolean {
    return !this.#ended;
  }

  get peer(): PhonePeer | undefined {
    return this.#peer;
  }

  /** An offer of the other side, or none: what it is answered with. @throws {AppError} SDP_REFUSED */
  async describe(offer: string | undefined): Promise<string> {
    if (offer === undefined) {
      const ours = await this.leg.offer();
      this.#awaitsAnswer = true;
      return ours;
    }
    const ours = await this.leg.answer(offer);
    this.showMedia();
    return ours;
  }

  /** Hold and resume by us, in a session of its own (RFC 3264 section 8.4): the last wish counts. @throws {SipFailure | AppError} */
  hold(hold: boolean): Promise<void> {
    this.#wantsHold = hold;
    this.#holding ??= this.#settleHold().finally(() => {
      this.#holding = undefined;
    });
    return this.#holding;
  }

  async #settleHold(): Promise<void> {
    while (this.up && this.leg.heldByUs !== this.#wantsHold) {
      const answer = await this.call.modify({ offer: () => this.leg.offer({ hold: this.#wantsHold }) });
      await this.leg.takeAnswer(answer);
      this.showMedia();
    }
  }

  /**
   * Is heard as this peer from now on. A line that ended meanwhile takes the peer out again, one that handed it over does nothing more.
   * @throws {AppError} of the room's media; the peer has left then.
   */
  async enter(peer: PhonePeer): Promise<void> {
    if (!this.up) {
      peer.leave('left');
      return;
    }
    this.#peer = peer;
    if (peer.state.muted) this.leg.setMuted(true);
    try {
      await this.#follow(peer);
    } catch (error) {
      if (this.#peer !== peer) return;
      this.#peer = undefined;
      peer.leave('lost');
      throw error;
    }
    // Another line is this peer by now.
    if (this.#peer === peer) await this.goOn(peer);
  }

  /** To the room that it is moved to meanwhile, which nobody here could hear of yet. */
  async #follow(peer: PhonePeer): Promise<void> {
    for (let entered = ''; this.up && !peer.left && entered !== peer.peerId; ) {
      entered = peer.peerId;
      await this.leg.enter(peer.media, peer.peerId, peer.identity).catch((error: unknown) => {
        if (entered === peer.peerId) throw error;
      });
    }
  }

  /** As {@link enter}, where its leg is in the room as this peer already. */
  async goOn(peer: PhonePeer): Promise<void> {
    if (!this.up) {
      peer.leave('left');
      return;
    }
    this.#peer = peer;
    const { log } = this.#parts;
    const { sipCallId } = this.facts;
    this.#disobey = obeyRoom(this, peer, (err, what) =>
      log.warn({ err, sipCallId, what }, 'a phone did not do what its room wants'),
    );
    this.#keypad = this.#parts.keypad(this.leg, peer, () => {
      void this.end({ cause: 200, text: 'it left by its keypad', as: 'left' });
    });
    this.showMedia();
    // It was taken out before anybody here could hear of it.
    if (peer.left) await this.end({ cause: 200, text: 'the call is over', as: 'left' });
    // Who speaks to one other hears that one.
    else if (peer.state.callId === '') this.#keypad.welcome();
  }

  /** Its peer stays in the room, for another line to enter as. Undefined where it is in none. */
  async handOver(): Promise<PhonePeer | undefined> {
    const peer = this.#peer;
    this.#peer = undefined;
    this.#leaveRoom();
    await this.leg.leave();
    return peer;
  }

  /** Tells the room how its media stands. */
  showMedia(): void {
    const { codec, encrypted, held, heldByUs } = this.leg;
    this.#peer?.setState({ held: held || heldByUs, codec: codec ?? '', encrypted });
  }

  /** It is not hung up before this is over. */
  finish(words: Promise<unknown>): void {
    this.#lastWords = Promise.allSettled([this.#lastWords, words]);
  }

  /** Hangs up. Idempotent: the first reason counts. */
  async end(end: LineEnd): Promise<void> {
    if (!this.#begin()) return this.over;
    await within(this.#parts.clock, goodbyeMs, this.#lastWords);
    const bye = this.call.bye({ Reason: reasonHeader(end.cause, end.text) });
    await Promise.all([within(this.#parts.clock, goodbyeMs, bye), this.#leave(end)]);
  }

  #callEnded({ by, reason }: CallEnd): void {
    if (!this.#begin()) return;
    const text = reason === '' ? (by === 'them' ? 'it hung up' : by) : reason;
    void this.#leave({ cause: 200, text, as: by === 'them' ? 'left' : by === 'us' ? 'closed' : 'lost' });
  }

  #leaveRoom(): void {
    this.#disobey();
    this.#keypad?.close();
  }

  /** False where it has ended before. */
  #begin(): boolean {
    const isFirst = !this.#ended;
    this.#ended = true;
    return isFirst;
  }

  /** The last figures are asked for while the leg is there, and told while the peer is. */
  async #leave({ text, as }: LineEnd): Promise<void> {
    const { clock, log } = this.#parts;
    this.#quality.stop();
    this.#leaveRoom();
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    const quality = await this.#quality.last();
    this.#peer?.leave(as);
    this.leg.close();
    const { direction, trunk, sipCallId } = this.facts;
    log.info(
      {
        sipCallId,
        direction,
        trunk,
        room: this.#peer?.room,
        seconds: Math.round((clock.monotonicMs() - this.#startedMs) / 1_000),
        codec: this.leg.codec,
        encrypted: this.leg.encrypted,
        ...quality,
        why: text,
      },
      'phone call ended',
    );
    this.#tellOver();
  }

  #modified(sdp: string): void {
    if (!this.#awaitsAnswer) return;
    this.#awaitsAnswer = false;
    this.leg.takeAnswer(sdp).then(
      () => this.showMedia(),
      () => void this.end({ cause: 488, text: 'the answer has no media that was offered', as: 'closed' }),
    );
  }
}
