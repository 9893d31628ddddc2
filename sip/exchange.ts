// A telephone exchange: what the plan decides about, the connection to the agent, and the bridge to rooms and calls.

import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { PhoneMedia } from '../media/phones/phone-media.ts';
import type { Telephony } from '../signaling/calls/telephony.ts';
import type { PhoneCalls, PhoneDesk } from '../signaling/phones/phone-desk.ts';
import { Bridge, type BridgeStats } from './bridge/bridge.ts';
import type { OpenedPlan } from './dial-plan/open-plan.ts';
import { SipCalls } from './drachtio/sip-calls.ts';
import { Keypad } from './menus/keypad.ts';
import { PinLockout, type PinStats } from './menus/pin-lockout.ts';
import { PinPrompt } from './menus/pin-prompt.ts';
import type { Prompts } from './prompts/prompts.ts';
import type { DrachtioAddress } from './sip-options.ts';

export interface ExchangeParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** Closed with the exchange. */
  readonly plan: OpenedPlan;
  readonly agent: DrachtioAddress;
  /** Stays open: it is its owner's. */
  readonly media: PhoneMedia;
  readonly desk: PhoneDesk;
  readonly calls: PhoneCalls;
  readonly prompts: Prompts;
  /** What the side at this address is told to send media to. */
  readonly announcedFor: (address: string) => string;
  /** Whether an INVITE of this call waits and got no answer so far, not even 100. */
  readonly isUnanswered: (callId: string) => boolean;
}

export interface ExchangeStats extends BridgeStats {
  /** Registered here. */
  readonly phones: number;
  readonly pins: PinStats;
}

export interface Exchange {
  readonly telephony: Telephony;
  /** In effect; it can be read again. */
  readonly plan: OpenedPlan;
  stats(): ExchangeStats;
  /** Hangs up every phone, and takes leave of providers. Resolves when the last phone has left its room. */
  close(): Promise<void>;
}

/** @throws {SipFailure} DISCONNECTED where the agent is not reached. */
export async function openExchange(parts: ExchangeParts): Promise<Exchange> {
  const { clock, log, plan, agent, media, desk, calls, prompts, announcedFor, isUnanswered } = parts;
  const lockout = new PinLockout(clock, ({ trunk, rule }) =>
    log.error({ trunk, rule }, 'too many wrong PINs: for now only callers who were right before come in'),
  );
  let bridge: Bridge | undefined;
  const sip = await SipCalls.connect({
    ...agent,
    clock,
    onListenerError: (err, event) => log.error({ err, event }, 'a listener of the telephone exchange failed'),
    handlers: {
      call: (incoming) => void bridge?.take(incoming),
      register: (request) => void plan.registrar.handle(request),
    },
  });
  const opened = new Bridge({
    clock,
    log,
    sip,
    media,
    plan: plan.plan,
    callers: plan.callers,
    phones: plan.registrar,
    trunks: plan.trunks,
    desk,
    calls,
    keypad: (leg, peer, leave) => new Keypad({ clock, prompts }, { leg, peer, leave }),
    askPin: {
      ask: (question) => new PinPrompt({ clock, prompts, lockout }, question),
      isLocked: (source) => lockout.isLocked(source),
    },
    announcedFor,
    isUnanswered,
  });
  bridge = opened;
  plan.start(sip);
  return {
    telephony: opened.telephony,
    plan,
    stats: () => ({ ...opened.stats, phones: plan.registrar.stats.phones, pins: lockout.stats }),
    async close() {
      await opened.close();
      await plan.close();
      await sip.close();
    },
  };
}
