// The in-memory engine of the Telephony port: phones that ring until a test answers them or hangs up.

import type { RingTarget } from '../calls/ring-target.ts';
import type {
  AnsweredPhone,
  RingEnd,
  RingFailure,
  RingHandlers,
  Ringing,
  RingRequest,
  Telephony,
} from '../calls/telephony.ts';
import type { PhoneDesk, PhonePeer } from '../phones/phone-desk.ts';

export class MemoryPhoneCall implements Ringing {
  readonly target: RingTarget;
  readonly request: RingRequest;
  readonly #told: RingHandlers;
  /** Why it rings no more; undefined: it rings, or was answered. */
  canceled: RingEnd | undefined;

  constructor(target: RingTarget, request: RingRequest, told: RingHandlers) {
    this.target = target;
    this.request = request;
    this.#told = told;
  }

  cancel(reason: RingEnd): void {
    this.canceled ??= reason;
  }

  rings(): void {
    this.#told.ringing();
  }

  /** Its sound comes before the answer. Undefined: nobody is to hear it. */
  async sounds(desk: PhoneDesk, phone: Partial<AnsweredPhone> = {}): Promise<PhonePeer | undefined> {
    const join = this.#told.early({ number: '', name: '', trunk: '', ...phone });
    return join && (await desk.join(join));
  }

  fails(reason: RingFailure): void {
    this.#told.failed(reason);
  }

  /** Picked up, and in the room; undefined: it was too late. `early`: what it was heard as before. */
  async answers(
    desk: PhoneDesk,
    phone: Partial<AnsweredPhone> = {},
    early?: PhonePeer,
  ): Promise<PhonePeer | undefined> {
    const join = await this.#told.answered({ number: '', name: '', trunk: '', ...phone });
    if (early === undefined || join === undefined) return join && (await desk.join(join));
    await early.answer();
    return early;
  }
}

/** Users have phones as a test says; every number can be dialled. */
export class MemoryTelephony implements Telephony {
  canDial = true;
  readonly calls: MemoryPhoneCall[] = [];
  /** Those who have a phone. */
  readonly withPhones = new Set<string>();

  ring(target: RingTarget, request: RingRequest, told: RingHandlers): Ringing {
    const call = new MemoryPhoneCall(target, request, told);
    if ('user' in target && !this.withPhones.has(target.user))
      queueMicrotask(() => call.canceled ?? call.fails('unreachable'));
    else this.calls.push(call);
    return call;
  }

  /** The one that was rung last. */
  get last(): MemoryPhoneCall {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('no phone was rung');
    return call;
  }
}
