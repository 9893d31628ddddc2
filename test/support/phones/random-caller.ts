// A caller who does whatever comes to its mind, and hangs up whenever it does.

import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { createRtpPhone, type RtpPhone } from '../../../media/phones/testing/rtp-phone.ts';
import type { Call } from '../../../sip/drachtio/call.ts';
import type { OutgoingCall } from '../../../sip/drachtio/outgoing-call.ts';
import { SipFailure } from '../../../sip/drachtio/sip-failure.ts';
import { oneOf, type Random } from '../random.ts';
import type { ScriptedPhone } from './scripted-phone.ts';

export interface RandomCallerOptions {
  readonly random: Random;
  /** Whose SIP it speaks; its sound is its own. */
  readonly phone: ScriptedPhone;
  readonly user: string;
  readonly port: number;
  /** What it may dial. */
  readonly numbers: readonly string[];
  /** Keys that it may press in a call. */
  readonly keys: readonly string[];
}

export interface RandomCaller {
  /** One call, until it is over. Resolves with what came of it: `talked`, `canceled`, or the status that it was refused with. */
  call(): Promise<string>;
}

/** Its socket is closed with the test. */
export async function createRandomCaller(options: RandomCallerOptions): Promise<RandomCaller> {
  const { random, phone, user, port, numbers } = options;
  const rtp = await createRtpPhone(oneOf(random, ['PCMU', 'PCMA', 'G722']));
  onTestFinished(() => rtp[Symbol.asyncDispose]());
  const between = (leastMs: number, mostMs: number) => delay(leastMs + random() * (mostMs - leastMs));
  return {
    async call() {
      const placed = phone.sip.place({
        uri: `sip:${oneOf(random, numbers)}@127.0.0.1:${port}`,
        sdp: rtp.describe(),
        headers: { From: `<sip:${user}@127.0.0.1>` },
        credentials: { user, password: 'secret' },
      });
      try {
        const call = await answered(placed, random() < 0.3 ? between(0, 600) : between(4_000, 5_000));
        rtp.connect(call.remoteSdp);
        rtp.say(300 + 2_000 * random());
        await talk(call, rtp, options);
        return 'talked';
      } catch (error) {
        if (!(error instanceof SipFailure)) throw error;
        return error.reason === 'REFUSED' ? String(error.status) : error.reason.toLowerCase();
      } finally {
        // What was said last comes when the call is over, as it does on real ways.
        await delay(50);
        rtp.say(undefined);
      }
    },
  };
}

/** Or it loses its patience. */
function answered(placed: OutgoingCall, patience: Promise<void>): Promise<Call> {
  void patience.then(() => placed.cancel());
  return placed.answered;
}

/** Until the other side has had enough, or this one has. */
async function talk(call: Call, rtp: RtpPhone, { random, keys }: RandomCallerOptions): Promise<void> {
  const actions = {
    hold: () => call.modify(rtp.describe('sendonly')),
    resume: () => call.modify(rtp.describe()),
    key: async () => rtp.press(Math.floor(12 * random())),
    keys: async () => {
      for (const key of oneOf(random, keys)) {
        rtp.press('0123456789*#'.indexOf(key));
        await delay(220);
      }
    },
    info: () =>
      call.request('INFO', {
        headers: { 'Content-Type': 'application/dtmf-relay' },
        body: 'Signal=5\r\nDuration=160\r\n',
      }),
    nothing: async () => {},
  };
  const untilMs = performance.now() + 100 + 3_000 * random() ** 2;
  try {
    while (call.up && performance.now() < untilMs) {
      await actions[oneOf(random, Object.keys(actions) as (keyof typeof actions)[])]();
      await delay(50 + 500 * random());
    }
  } finally {
    await call.bye();
  }
}
