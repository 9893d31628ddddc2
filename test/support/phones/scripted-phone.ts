// A phone that does as a test says, in ways that phones for sale do not: every form of hold, no offer, sound before the answer.

import { onTestFinished } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { createRtpPhone, type RtpPhone } from '../../../media/phones/testing/rtp-phone.ts';
import { DrachtioFacade } from '../../../sip/agent/facade/drachtio-facade.ts';
import { transportLimits } from '../../../sip/agent/transports/listen.ts';
import { UserAgent } from '../../../sip/agent/user-agent/user-agent.ts';
import type { Call } from '../../../sip/drachtio/call.ts';
import type { IncomingCall } from '../../../sip/drachtio/incoming-call.ts';
import type { PlaceOptions } from '../../../sip/drachtio/outgoing-call.ts';
import { SipCalls } from '../../../sip/drachtio/sip-calls.ts';
import type { Heard } from './recordings.ts';

export interface ScriptedPhone {
  /** Where it takes calls, by UDP. */
  readonly port: number;
  readonly sip: SipCalls;
  readonly rtp: RtpPhone;
  /** Calls that came. */
  readonly incoming: readonly IncomingCall[];
  /** All messages that came, as they were. */
  readonly received: readonly string[];
  /** At that port, as a user with the password `secret`. */
  register(user: string, at: number): Promise<void>;
  /** As this user of a plan with the password `secret`. */
  dial(uri: string, user: string, options?: Partial<PlaceOptions>): Promise<Call>;
  /** What it hears from now on, for so long. */
  listen(ms: number): Promise<Heard>;
}

/** Closed with the test. `takes` answers calls that come. `port`: where others have to know it before. */
export async function startScriptedPhone(
  toneHz: number,
  takes: (call: IncomingCall, rtp: RtpPhone) => void = () => {},
  { port: wanted = 0 }: { readonly port?: number } = {},
): Promise<ScriptedPhone> {
  const clock = systemClock;
  const secret = 'of this test';
  const received: string[] = [];
  const facade = new DrachtioFacade({ clock, secret });
  const agent = await UserAgent.open({
    clock,
    user: facade,
    guard: { admits: () => true, judge: () => undefined, offended: () => {} },
    listen: [{ protocol: 'UDP', address: '127.0.0.1', port: wanted }],
    limits: transportLimits,
    tap: { received: (bytes) => received.push(Buffer.from(bytes).toString('latin1')), sent: () => {} },
  });
  const { port } = await facade.listen(agent);
  const rtp = await createRtpPhone();
  const incoming: IncomingCall[] = [];
  const sip = await SipCalls.connect({
    host: '127.0.0.1',
    port,
    secret,
    clock,
    onListenerError: (error) => {
      throw error;
    },
    handlers: {
      call: (call) => {
        incoming.push(call);
        takes(call, rtp);
      },
    },
  });
  onTestFinished(async () => {
    await rtp[Symbol.asyncDispose]();
    await sip.close();
    await agent.close();
    await facade.close();
  });
  rtp.say(toneHz);
  const own = () => agent.listening[0]?.port ?? 0;
  return {
    port: own(),
    sip,
    rtp,
    incoming,
    received,
    async register(user, at) {
      await sip.register({
        registrar: `sip:127.0.0.1:${at}`,
        address: `sip:${user}@127.0.0.1:${at}`,
        contact: `sip:${user}@127.0.0.1:${own()}`,
        credentials: { user, password: 'secret' },
      });
    },
    async dial(uri, user, options = {}) {
      const headers = { From: `<sip:${user}@127.0.0.1>` };
      const credentials = { user, password: 'secret' };
      const call = await sip.place({ uri, sdp: rtp.describe(), headers, credentials, ...options }).answered;
      rtp.connect(call.remoteSdp);
      return call;
    },
    async listen(ms) {
      rtp.heard();
      await new Promise((resolve) => setTimeout(resolve, ms));
      return { sampleRate: 8_000, pcm: rtp.heard() };
    },
  };
}
