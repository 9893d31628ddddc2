import type { PhoneJoin, PhoneLeft } from '../phones/phone-desk.ts';

/** The phone of a leg that is in the call's room, on this node or on another. Nothing fails: a phone that is gone ends its leg. */
export interface LegPhone {
  hold(hold: boolean): void;
  mute(muted: boolean): void;
  sendDigits(digits: string, durationMs: number): void;
  /** Goes on in another room, as a leg of another call. */
  move(join: PhoneJoin): void;
  end(reason: PhoneLeft): void;
}
