// One side of a call: whom it rings, who answered, and how it is.

import type { Life } from '../../cluster/directory.ts';
import { createLegId } from '../../core/ids.ts';
import type { CallLeg, LegQuality } from '../../proto/gen/types.ts';
import { PassedKeys } from '../phones/passed-keys.ts';
import type { PhoneState } from '../phones/phone-desk.ts';
import type { LegPhone } from './leg-phone.ts';
import type { RingTarget } from './ring-target.ts';
import type { AnsweredPhone, Ringing } from './telephony.ts';

export type EndReason = Exclude<CallLeg['endReason'], ''>;

/** Of whoever had a leg rung for a reason of its own, as a transfer. */
export interface LegOutcome {
  /** Who leaves when it is answered. */
  readonly insteadOf: Leg;
  ringing(): void;
  answered(): void;
  /** Before anybody looks whether the call goes on. */
  failed(reason: EndReason): void;
}

export interface LegName {
  readonly callId: string;
  readonly legId: string;
}

export interface LegDescription {
  readonly target: RingTarget;
  readonly identity: string;
  readonly name: string;
  /** It speaks for a user, though it is a number that was dialled. */
  readonly ofUser?: boolean | undefined;
}

export class Leg {
  readonly id: string;
  readonly target: RingTarget;
  readonly kind: CallLeg['kind'];
  readonly identity: string;
  /** Its identity is a user's, who is told of the call and has it in the list. */
  readonly ofUser: boolean;
  name: string;
  state: CallLeg['state'] = 'waiting';
  via: CallLeg['via'] = '';
  peerId = '';
  held = false;
  heldBy: CallLeg['heldBy'] = '';
  muted = false;
  answeredAtMs: number | undefined;
  endedAtMs: number | undefined;
  endReason: CallLeg['endReason'] = '';
  codec = '';
  encrypted = false;
  quality: LegQuality | undefined;
  /** Whoever had it rung later than the call began, as by a transfer; '': who started the call. */
  askedBy = '';
  /** Its browsers ring. */
  rungBrowsers = false;
  /** It was, or it called. */
  wasRung = false;
  /** Its phone may be heard before it is answered. */
  isEarly = false;
  /** Any device has told that it rings. */
  rang = false;
  /** The session that answered or called. */
  sessionId: string | undefined;
  /** Its phones that ring. */
  ringing: Ringing | undefined;
  /** The node that has its peer; undefined: this one. */
  life: Life | undefined;
  /** What answered, or called, where that was a phone. */
  device: AnsweredPhone | undefined;
  /** The phone, while it is in the room. */
  phone: LegPhone | undefined;
  /** Those of its phone that are pressed at others. */
  readonly passedKeys = new PassedKeys();
  /** Told once, in place of nobody: what hangs on whether it is answered. */
  outcome: LegOutcome | undefined;
  /** Was in the room before the call, and stays there after it. */
  stays = false;

  /** `id`: of one that was another node's. */
  constructor({ target, identity, name, ofUser = 'user' in target }: LegDescription, id = createLegId()) {
    this.id = id;
    this.target = target;
    this.kind = 'user' in target ? 'user' : 'number' in target ? 'number' : 'uri';
    this.identity = identity;
    this.ofUser = ofUser;
    this.name = name;
  }

  get number(): string {
    if ('number' in this.target) return this.target.number;
    return 'uri' in this.target ? this.target.uri : '';
  }

  get isOver(): boolean {
    return this.state === 'ended';
  }

  get isAnswered(): boolean {
    return this.state === 'accepted';
  }

  /** Is rung, or will be. */
  get isAwaited(): boolean {
    return this.state === 'waiting' || this.state === 'calling' || this.state === 'ringing';
  }

  /** Answers whether anything is another now. */
  apply({ muted = this.muted, codec = this.codec, encrypted = this.encrypted }: Omit<PhoneState, 'held'>): boolean {
    const isSame = muted === this.muted && codec === this.codec && encrypted === this.encrypted;
    Object.assign(this, { muted, codec, encrypted });
    return !isSame;
  }

  toInfo(): CallLeg {
    const { id: legId, kind, identity, name, number, state, via, peerId, held, heldBy, muted } = this;
    const { answeredAtMs, endedAtMs, endReason, codec, encrypted, quality } = this;
    return {
      legId,
      kind,
      identity,
      name,
      number,
      state,
      via,
      peerId,
      held,
      heldBy,
      muted,
      endReason,
      codec,
      encrypted,
      ...(answeredAtMs !== undefined && { answeredAtMs }),
      ...(endedAtMs !== undefined && { endedAtMs }),
      ...(quality && { quality }),
    };
  }
}
