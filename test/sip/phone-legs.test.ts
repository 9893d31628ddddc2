// baresip and our media of phones, without rooms: what is said goes through both, and is found in what the phones recorded.

import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { createPhoneMedia } from '../../media/phones/create-phone-media.ts';
import type { PhoneLeg, PhoneLegOptions } from '../../media/phones/phone-media.ts';
import { createRtpPhone } from '../../media/phones/testing/rtp-phone.ts';
import { DrachtioFacade } from '../../sip/agent/facade/drachtio-facade.ts';
import { UserAgent } from '../../sip/agent/user-agent/user-agent.ts';
import type { Call } from '../../sip/drachtio/call.ts';
import { SipCalls } from '../../sip/drachtio/sip-calls.ts';
import { PinLockout } from '../../sip/menus/pin-lockout.ts';
import { PinPrompt } from '../../sip/menus/pin-prompt.ts';
import { openPrompts } from '../../sip/prompts/prompts.ts';
import { eventually } from '../support/eventually.ts';
import { listenAt } from '../support/phones/recordings.ts';
import { requireOrSkip } from '../support/require.ts';
import { type Baresip, type BaresipOptions, startBaresip } from '../support/sip-baresip.ts';
import { toneShareDb } from '../support/tones.ts';

interface Line {
  readonly leg: PhoneLeg;
  readonly call: Call;
}

const legDefaults: PhoneLegOptions = {
  id: 'phone',
  codecs: ['opus', 'G722', 'PCMU', 'PCMA'],
  srtp: 'optional',
  announced: '127.0.0.1',
  inBandDtmf: false,
  levelControl: false,
  noiseGate: false,
  comfortNoise: false,
};

/** Whoever calls is answered with a leg. */
async function open(legOptions: Partial<PhoneLegOptions> = {}) {
  const limits = { maxLateMs: 10_000, silenceTimeoutMs: 30_000 };
  const options = { threads: 1, listenIp: '127.0.0.1', portMin: 42_000, portMax: 46_999, ...limits };
  const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger });
  onTestFinished(() => phones.close());
  const secret = randomBytes(16).toString('hex');
  const facade = new DrachtioFacade({ clock: systemClock, secret });
  const agent = await UserAgent.open({
    clock: systemClock,
    user: facade,
    guard: { admits: () => true, judge: () => undefined, offended: () => {} },
    listen: [{ protocol: 'UDP', address: '127.0.0.1', port: 0 }],
  });
  onTestFinished(() => agent.close());
  const { port } = await facade.listen(agent);
  onTestFinished(() => facade.close());
  const to = agent.listening[0]?.port ?? 0;
  const lines: Line[] = [];
  const failures: unknown[] = [];
  const openLeg = () => phones.openLeg({ ...legDefaults, ...legOptions });
  const serve = (leg: PhoneLeg, call: Call) => {
    call.serve({ offer: (offer) => (offer === undefined ? leg.offer() : leg.answer(offer)) });
    lines.push({ leg, call });
  };
  const calls = await SipCalls.connect({
    host: '127.0.0.1',
    port,
    secret,
    clock: systemClock,
    onListenerError: (error) => failures.push(error),
    handlers: {
      call: (incoming) => {
        void (async () => {
          const leg = await openLeg();
          try {
            serve(leg, await incoming.accept({ sdp: await leg.answer(incoming.sdp) }));
          } catch (error) {
            failures.push(error);
            await incoming.reject(488);
          }
        })();
      },
    },
  });
  onTestFinished(() => calls.close());
  return {
    failures,
    openLeg,
    async phone(baresip: Omit<BaresipOptions, 'to' | 'registers'> = {}): Promise<Baresip> {
      const phone = await startBaresip({ to, registers: false, records: true, ...baresip });
      onTestFinished(() => phone[Symbol.asyncDispose]());
      return phone;
    },
    dials: (phone: Baresip) => phone.command('dial', `sip:us@127.0.0.1:${to}`),
    async calledBy(phone: Baresip): Promise<Line> {
      const before = lines.length;
      await this.dials(phone);
      await phone.heard('CALL_ESTABLISHED');
      return eventually(() => lines[before], 'the call');
    },
    async callTo(phone: Baresip): Promise<Line> {
      const leg = await openLeg();
      const call = await calls.place({ uri: `sip:alice@127.0.0.1:${phone.port}`, sdp: await leg.offer() }).answered;
      await leg.takeAnswer(call.remoteSdp);
      serve(leg, call);
      return { leg, call };
    },
  };
}

async function hangUp(...phones: readonly Baresip[]): Promise<void> {
  for (const phone of phones) {
    await phone.command('hangup');
    await phone.heard('CALL_CLOSED');
  }
}

/** A tone that somebody says, by its share of a second; one's own voice would spoil it as much as noise. */
async function untilHears(phone: Baresip, hertz: number): Promise<void> {
  let share = Number.NEGATIVE_INFINITY;
  const isHeard = async () => {
    const heard = await listenAt(phone);
    share = heard === undefined ? Number.NEGATIVE_INFINITY : toneShareDb(heard.pcm, heard.sampleRate, hertz);
    return share > -3;
  };
  await eventually(isHeard, `${hertz} Hz`, 10_000).catch((error: unknown) => {
    throw new Error(`of all that was heard, ${share} dB were ${hertz} Hz\n${phone.log}`, { cause: error });
  });
}

const names = { PCMU: 'PCMU/8000/1', PCMA: 'PCMA/8000/1', G722: 'G722/16000/1', opus: 'opus/48000/2' } as const;

describe.skipIf(!requireOrSkip('baresip'))('baresip', { timeout: 60_000 }, () => {
  test.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)('hears another phone in %s, and not itself', async (codec) => {
    const stage = await open();
    const ann = await stage.phone({ codecs: [names[codec]], sound: { toneHz: 440 } });
    const ben = await stage.phone({ codecs: [names[codec]], sound: { toneHz: 1_000 }, answers: true });
    const here = await stage.calledBy(ann);
    const there = await stage.callTo(ben);
    expect([here.leg.codec, there.leg.codec]).toEqual([codec, codec]);
    await here.leg.bridge(there.leg);
    await Promise.all([untilHears(ann, 1_000), untilHears(ben, 440)]);
    await hangUp(ann, ben);
    expect(stage.failures).toEqual([]);
  });

  test.each([
    ['srtp-mand', 'required', true],
    ['srtp', 'optional', true],
    [undefined, 'optional', false],
    [undefined, 'never', false],
  ] as const)('with encryption %s is served where ours is %s', async (encryption, srtp, encrypted) => {
    const stage = await open({ srtp });
    const ann = await stage.phone({ sound: { toneHz: 440 }, ...(encryption && { encryption }) });
    const ben = await stage.phone({ sound: { toneHz: 1_000 }, answers: true, ...(encryption && { encryption }) });
    const here = await stage.calledBy(ann);
    const there = await stage.callTo(ben);
    expect([here.leg.encrypted, there.leg.encrypted]).toEqual([encrypted, encrypted]);
    await here.leg.bridge(there.leg);
    await Promise.all([untilHears(ann, 1_000), untilHears(ben, 440)]);
    await hangUp(ann, ben);
  });

  test('that has to encrypt is served where ours is optional, but does not take an offer of both', async () => {
    const stage = await open({ srtp: 'optional' });
    const phone = await stage.phone({ encryption: 'srtp-mand', answers: true });
    expect((await stage.calledBy(phone)).leg.encrypted).toBe(true);
    await hangUp(phone);
    await expect(stage.callTo(phone)).rejects.toMatchObject({ status: 488 });
  });

  test.each([
    ['srtp-mand', 'never'],
    [undefined, 'required'],
  ] as const)('with encryption %s is refused where ours is %s', async (encryption, srtp) => {
    const stage = await open({ srtp });
    const phone = await stage.phone({ ...(encryption && { encryption }) });
    await stage.dials(phone);
    await phone.heard('CALL_CLOSED');
    expect(phone.log).toContain('488');
    expect(stage.failures).toMatchObject([{ reason: 'SDP_REFUSED' }]);
  });

  test('is heard and reached before, between and after holds of either side, and not heard during them', async () => {
    const stage = await open({ codecs: ['PCMU'] });
    const phone = await stage.phone({ sound: { toneHz: 440 } });
    const { leg, call } = await stage.calledBy(phone);
    const listener = await createRtpPhone('PCMU');
    onTestFinished(() => listener[Symbol.asyncDispose]());
    const ears = await stage.openLeg();
    listener.connect(await ears.answer(listener.describe()));
    listener.say(1_000);
    await leg.bridge(ears);
    const heard = (isThere: boolean) =>
      eventually(
        async () => {
          listener.heard();
          await delay(400);
          return toneShareDb(listener.heard(), 8_000, 440) > -3 === isThere;
        },
        `the phone ${isThere ? '' : 'not '}to be heard`,
      );
    // After a hold baresip writes no recording any more, but how much it receives.
    const reached = (isReached: boolean) =>
      eventually(
        () => Number([...phone.log.matchAll(/audio=\d+\/(\d+) /g)].at(-1)?.[1]) > 60_000 === isReached,
        `${isReached ? '' : 'no '}packets at the phone`,
        20_000,
      );
    const hold = async (isOurs: boolean) => leg.takeAnswer(await call.modify(await leg.offer({ hold: isOurs })));
    const isHeld = async (isTheirs: boolean) => {
      await phone.command(isTheirs ? 'hold' : 'resume');
      await eventually(() => leg.held === isTheirs, isTheirs ? 'the hold' : 'its end');
    };

    await heard(true);
    await reached(true);
    await isHeld(true);
    await heard(false);
    await reached(false);
    await isHeld(false);
    await heard(true);
    await reached(true);
    await hold(true);
    expect(leg.heldByUs).toBe(true);
    await heard(false);
    // Both hold, and end it one after the other.
    await isHeld(true);
    await isHeld(false);
    expect(leg.heldByUs).toBe(true);
    await hold(false);
    expect([leg.held, leg.heldByUs]).toEqual([false, false]);
    await heard(true);
    await reached(true);
    expect(stage.failures).toEqual([]);
  });

  test('enters a PIN while it is asked for it', async () => {
    const stage = await open();
    const phone = await stage.phone();
    const { leg } = await stage.calledBy(phone);
    const lockout = new PinLockout(systemClock);
    const choices = [{ pin: '4711', room: 'board' }];
    const parts = { clock: systemClock, prompts: await openPrompts(), lockout };
    const prompt = new PinPrompt(parts, { leg, choices, source: 'phone' });
    // Each key is let go by the one called null.
    for (const key of '1#4711#') {
      await phone.command('sndcode', key);
      await delay(150);
      await phone.command('sndcode', '\u0004');
      await delay(150);
    }
    expect(await prompt.outcome).toEqual({ kind: 'right', choice: choices[0] });
  });
});
