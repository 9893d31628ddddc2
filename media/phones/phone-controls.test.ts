import { describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { sine } from '../../test/support/tones.ts';
import type { PhoneLeg } from './phone-media.ts';
import { createRoomPerson } from './testing/room-person.ts';
import { createRtpPhone } from './testing/rtp-phone.ts';
import { call, hears, legDefaults, recordLeg, sharesOf, startPhones } from './testing/start-phones.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('a phone in a room', () => {
  test('that holds is not heard, whatever music it sends, hears nothing, and comes back', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const leg = await call(started.phones, phone);
    const told = recordLeg(leg);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    phone.say(440);
    ben.say(1000);
    await hears(() => ben.heard(ada), 440, 'the phone is heard');
    await hears(() => phone.heard(), 1000, 'the phone hears');

    phone.connect(await leg.answer(phone.describe('sendonly')));
    expect(leg.held).toBe(true);
    await eventually(() => told.some(({ name }) => name === 'heldChanged'), 'it is told');
    const nothing = async (read: () => Int16Array) => {
      read();
      await new Promise((resolve) => setTimeout(resolve, 400));
      return read().length === 0;
    };
    await eventually(() => nothing(() => ben.heard(ada)), 'its music is not heard');
    await eventually(() => nothing(() => phone.heard()), 'it hears nothing');

    phone.connect(await leg.answer(phone.describe('sendrecv')));
    await hears(() => ben.heard(ada), 440, 'the phone is heard again');
    await hears(() => phone.heard(), 1000, 'the phone hears again');
    expect(told.filter(({ name }) => name === 'heldChanged')).toMatchObject([{ held: true }, { held: false }]);
  });

  test('is muted by itself and by moderators, for phones and browsers alike', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using one = await createRtpPhone();
    await using two = await createRtpPhone();
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const [ada, eve] = [createPeerId(), createPeerId()];
    const leg = await call(started.phones, one);
    await leg.enter(room, ada, 'ada');
    const other = await call(started.phones, two);
    await other.enter(room, eve, 'eve');
    one.say(440);
    const isHeard = async (heard: boolean) => {
      await eventually(
        async () => {
          const [byPhone] = await sharesOf(() => two.heard(), [440], 200);
          const [byBrowser] = await sharesOf(() => ben.heard(ada), [440], 200);
          return (byPhone ?? -99) > -6 === heard && (byBrowser ?? -99) > -6 === heard;
        },
        heard ? 'it is heard' : 'it is not heard',
      );
    };
    await isHeard(true);
    leg.setMuted(true);
    await isHeard(false);
    expect(room.producersOf(ada)).toMatchObject([{ paused: true, muted: false }]);
    leg.setMuted(false);
    await isHeard(true);
    const producerId = room.producersOf(ada)[0]!.producerId;
    await room.muteProducer(producerId, { muted: true, lock: true });
    await isHeard(false);
    leg.setMuted(true);
    leg.setMuted(false);
    await isHeard(false);
    await room.muteProducer(producerId, { muted: false, lock: false });
    await isHeard(true);
  });

  test('hears as loud as it wants', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const leg = await call(started.phones, phone);
    await leg.enter(room, createPeerId(), 'ada');
    ben.say(1000);
    await hears(() => phone.heard(), 1000, 'it hears');
    const powerOf = async () => {
      phone.heard();
      await new Promise((resolve) => setTimeout(resolve, 400));
      const pcm = phone.heard();
      return 10 * Math.log10(pcm.reduce((sum, sample) => sum + sample * sample, 0) / pcm.length);
    };
    const before = await powerOf();
    leg.setVolume(-12);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await powerOf()) - before).toBeCloseTo(-12, -1);
  });
});

describe('a phone', () => {
  test('hears what is played to it, to the end, until a key or until something else', async () => {
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const leg = await call(started.phones, phone);
    const told = recordLeg(leg);
    const prompt = { pcm: sine(600, { ms: 400, sampleRate: 16_000 }), sampleRate: 16_000 } as const;
    const playing = leg.play([prompt, { silenceMs: 40 }, { tones: [1000], ms: 200 }]);
    await hears(() => phone.heard().subarray(0, 3200), 600, 'the prompt');
    expect(await playing).toBe('played');

    const ringing = leg.play([{ tones: [425], ms: 400 }], { loop: true });
    await hears(() => phone.heard(), 425, 'it rings');
    const next = leg.play([prompt, prompt, prompt, prompt, prompt, prompt], { bargeIn: true });
    expect(await ringing).toBe('stopped');
    const order: string[] = [];
    void next.then((result) => order.push(result));
    leg.events.on('digit', ({ digit }) => order.push(digit));
    phone.press(5);
    await eventually(() => order.length === 2, 'it is barged');
    expect(order).toEqual(['barged', '5']);
    const stopped = leg.play([prompt], { loop: true });
    leg.stopPlaying();
    expect(await stopped).toBe('stopped');
    const closed = leg.play([prompt], { loop: true });
    leg.close();
    expect(await closed).toBe('stopped');
    expect(await leg.play([prompt])).toBe('stopped');
    expect(told.filter(({ name }) => name === 'digit')).toHaveLength(1);
  });

  test('tells each key once, whichever ways it comes, and lost parts do not matter', async () => {
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const leg = await call(started.phones, phone);
    const told = recordLeg(leg);
    const digits = () => told.filter(({ name }) => name === 'digit').map(({ digit }) => digit);
    phone.press(1);
    await eventually(() => digits().length === 1, 'by events');
    // The same key once more by SIP INFO.
    leg.digitByInfo('1', 160);
    phone.press(10, { loseMarker: true });
    await eventually(() => digits().length === 2, 'without marker');
    leg.digitByInfo('#', 200);
    await eventually(() => digits().length === 3, 'by INFO alone');
    leg.digitByInfo('x', 200);
    leg.digitByInfo('12', 200);
    expect(digits()).toEqual(['1', '*', '#']);
  });

  test('is sent keys as events, and as tones where it takes no events', async () => {
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const leg = await call(started.phones, phone);
    await leg.sendDigits('1#', { durationMs: 80, gapMs: 60 });
    const events = phone.rtp.filter(({ payloadType }) => payloadType === 101);
    expect(new Set(events.map(({ payload }) => payload[0]))).toEqual(new Set([1, 11]));
    await expect(leg.sendDigits('1x')).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
    await expect(leg.sendDigits('')).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
    phone.connect(
      await leg.answer(
        phone
          .describe()
          .replace(' 101\r\n', '\r\n')
          .replace(/a=(rtpmap|fmtp):101.*\r\n/g, ''),
      ),
    );
    const sent = leg.sendDigits('5', { durationMs: 600 });
    await hears(() => phone.heard(), 770, 'the row of the key').catch(() => {});
    await sent;
  });

  test('is silent when nothing comes while it should, and heard when it comes again', async () => {
    await using started = await startPhones({ silenceTimeoutMs: 300 });
    await using phone = await createRtpPhone();
    const leg = await call(started.phones, phone);
    const told = recordLeg(leg);
    const names = () => told.map(({ name }) => name).join(' ');
    await eventually(() => names() === 'silent', 'nothing came');
    phone.say(440);
    await eventually(() => names() === 'silent heard', 'it came');
    phone.connect(await leg.answer(phone.describe('inactive')));
    phone.say(undefined);
    await new Promise((resolve) => setTimeout(resolve, 600));
    // One that holds is not expected to send.
    expect(names()).toBe('silent heard heldChanged');
  });

  test('hears another one that is in no room either, until one enters a room', async () => {
    await using started = await startPhones({ threads: 2 });
    await using one = await createRtpPhone('PCMU');
    await using two = await createRtpPhone('opus');
    const legs: [PhoneLeg, PhoneLeg] = [await call(started.phones, one), await call(started.phones, two)];
    await legs[0].bridge(legs[1]);
    one.say(440);
    two.say(1000);
    await hears(() => one.heard(), 1000, 'one hears two');
    await hears(() => two.heard(), 440, 'two hears one');
    await legs[1].bridge(undefined);
    await eventually(async () => ((await sharesOf(() => one.heard(), [1000], 200))[0] ?? 0) < -20, 'no more');
    await expect(legs[0].bridge(legs[0])).rejects.toMatchObject({ reason: 'BAD_REQUEST' });
  });

  test('speaks by SRTP with another one, through hold and another key, and refuses plain words', async () => {
    await using started = await startPhones();
    const { phones } = started;
    const one = await phones.openLeg({ ...legDefaults, id: 'one', srtp: 'required', comfortNoise: true });
    const two = await phones.openLeg({ ...legDefaults, id: 'two', srtp: 'required', comfortNoise: true });
    const told = recordLeg(two);
    await one.takeAnswer(await two.answer(await one.offer()));
    expect([one.encrypted, two.encrypted]).toEqual([true, true]);
    void one.play([{ tones: [600], ms: 200 }], { loop: true });
    await eventually(() => told.some(({ name }) => name === 'heard'), 'it is heard');
    await one.takeAnswer(await two.answer(await one.offer({ hold: true })));
    expect([one.heldByUs, two.held]).toEqual([true, true]);
    await one.takeAnswer(await two.answer(await one.offer({ hold: false })));
    const before = (await two.stats()).received.packets;
    await eventually(async () => (await two.stats()).received.packets > before + 20, 'packets come again');
    expect((await two.stats()).received.lost).toBe(0);
    await using plain = await createRtpPhone();
    await expect(two.answer(plain.describe())).rejects.toMatchObject({ reason: 'SDP_REFUSED' });
    expect(two.encrypted).toBe(true);
  });
});
