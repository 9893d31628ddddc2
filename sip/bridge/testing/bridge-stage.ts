// A server's bridge between its SIP agent and in-memory rooms, and phones that call it and are called, over real sockets.

import { onTestFinished } from 'vitest';
import { silentLogger } from '../../../core/log.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { openFacade } from '../../agent/facade/testing/open-facade.ts';
import { readPlan } from '../../dial-plan/file/read-plan.ts';
import { Callers } from '../../dial-plan/identify-caller.ts';
import { Logins } from '../../dial-plan/logins.ts';
import { RulePlan } from '../../dial-plan/rule-plan.ts';
import type { Call } from '../../drachtio/call.ts';
import type { IncomingCall } from '../../drachtio/incoming-call.ts';
import type { OutgoingCall, PlaceOptions } from '../../drachtio/outgoing-call.ts';
import { SipCalls, type SipHandlers } from '../../drachtio/sip-calls.ts';
import { SipFailure } from '../../drachtio/sip-failure.ts';
import type { Registration } from '../../registrar/registration.ts';
import type { AskPin } from '../ask-pin.ts';
import { Bridge } from '../bridge.ts';
import { MemoryPhoneDesk } from './memory-phone-desk.ts';
import { MemoryPhoneMedia, memorySdp } from './memory-phone-media.ts';
import { MemoryTrunks, plainMedia } from './memory-trunks.ts';

const onListenerError = (error: unknown) => {
  throw error;
};

async function connect(handlers: SipHandlers) {
  const facade = await openFacade(['UDP', 'TCP']);
  const { port, secret, clock } = facade;
  const sip = await SipCalls.connect({ host: '127.0.0.1', port, secret, clock, onListenerError, handlers });
  onTestFinished(() => sip.close());
  return { facade, sip, clock };
}

type PinOutcome = Awaited<ReturnType<AskPin['ask']>['outcome']>;

/** Asks nobody for a PIN: a test says what came of it. */
export class MemoryAskPin implements AskPin {
  readonly asked: {
    readonly question: Parameters<AskPin['ask']>[0];
    answer(outcome: PinOutcome): void;
  }[] = [];
  readonly locked = new Set<string>();

  ask(question: Parameters<AskPin['ask']>[0]): ReturnType<AskPin['ask']> {
    let answer: (outcome: PinOutcome) => void = () => {};
    const outcome = new Promise<PinOutcome>((resolve) => {
      answer = resolve;
    });
    this.asked.push({ question, answer });
    return { outcome, close: () => answer({ kind: 'gone' }) };
  }

  isLocked(source: string): boolean {
    return this.locked.has(source);
  }
}

export async function openBridge(planText: string) {
  const data = readPlan(planText, 'plan.yaml');
  const media = new MemoryPhoneMedia();
  const desk = new MemoryPhoneDesk();
  const trunks = new MemoryTrunks();
  const askPin = new MemoryAskPin();
  const contacts = new Map<string, Registration[]>();
  let bridge: Bridge | undefined;
  const { facade, sip, clock } = await connect({ call: (call) => void bridge?.take(call) });
  const callers = new Callers(new Logins({ clock }, data), data);
  bridge = new Bridge({
    clock,
    log: silentLogger,
    sip,
    media,
    plan: new RulePlan(data),
    callers: { identify: (asked) => callers.identify(asked), mediaOf: () => plainMedia },
    phones: {
      contactsOf: (identity) => contacts.get(identity) ?? [],
      forget(id) {
        for (const [identity, known] of contacts)
          contacts.set(
            identity,
            known.filter((one) => one.id !== id),
          );
      },
    },
    trunks,
    desk,
    calls: desk,
    keypad: (leg, peer) => {
      const stop = leg.events.on('digit', ({ digit, durationMs }) => peer.digit(digit, durationMs));
      return { welcome: () => {}, close: stop };
    },
    askPin,
    announcedFor: () => '127.0.0.1',
    isUnanswered: (callId) => facade.agent.isUnanswered(callId),
  });
  const port = facade.portOf();
  return {
    bridge,
    media,
    desk,
    trunks,
    askPin,
    clock,
    facade,
    port,
    register(identity: string, uri: string, q = 1) {
      const id = `${identity} ${uri}`;
      const known = contacts.get(identity) ?? [];
      const registration: Registration = {
        id,
        identity,
        uri,
        proxy: undefined,
        headers: {},
        q,
        userAgent: '',
        from: '127.0.0.1:5060',
        protocol: 'udp',
        untilMs: 0,
      };
      contacts.set(identity, [...known, registration]);
    },
    async nothingLeft() {
      await facade.nothingLeft();
      await eventually(() => {
        const { lines, incoming, outgoing } = bridge.stats;
        return lines + incoming + outgoing + media.legs.size + trunks.running === 0;
      }, 'nothing of the bridge to be left');
      await eventually(() => desk.peers.every(({ left }) => left), 'that every phone has left its room');
    },
  };
}

/** A phone: it answers as a test says, and rings without end otherwise. */
export async function openPhone(name: string, answer: (call: IncomingCall) => void = () => {}) {
  const incoming: IncomingCall[] = [];
  const { facade, sip } = await connect({
    call: (call) => {
      incoming.push(call);
      answer(call);
    },
  });
  const port = facade.portOf();
  return {
    incoming,
    port,
    facade,
    uri: `sip:${name}@127.0.0.1:${port}`,
    calls: (uri: string, options: Partial<PlaceOptions> = {}): OutgoingCall =>
      sip.place({ uri, sdp: memorySdp(4_000), headers: { From: `"${name}" <sip:${name}@127.0.0.1>` }, ...options }),
  };
}

/** Picks up, and keeps the calls. */
export function pickingUp(calls: Call[], sdp = memorySdp(5_000)): (call: IncomingCall) => void {
  return (incoming) => {
    void incoming.accept({ sdp }).then((call) => calls.push(call));
  };
}

/** The status that a call was refused with, and its reason in words. */
export async function refusalOf(call: OutgoingCall): Promise<string> {
  try {
    await call.answered;
    return 'it was accepted';
  } catch (error) {
    if (!(error instanceof SipFailure)) throw error;
    return `${error.status} ${error.headers?.get('Reason') ?? ''}`.trim();
  }
}
