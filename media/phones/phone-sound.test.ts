import { describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createRandom } from '../../test/support/random.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { createRoomPerson } from './testing/room-person.ts';
import { createRtpPhone } from './testing/rtp-phone.ts';
import { call, hears, legDefaults, recordLeg, sharesOf, startPhones } from './testing/start-phones.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('what a phone says', () => {
  test('is levelled and gated where that is asked for, and reaches the room so', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room, 'PCMU');
    const leg = await call(started.phones, phone, { levelControl: true, noiseGate: true });
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    phone.say(440);
    await hears(() => ben.heard(ada), 440, 'the room hears the phone');
    // It is decoded, so it does not pass as it came.
    expect(await leg.stats()).toMatchObject({ passedThrough: false });
  });

  test('goes on in another codec when that is agreed on, as another track of the same peer', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using first = await createRtpPhone('PCMU');
    await using second = await createRtpPhone('G722');
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const leg = await call(started.phones, first);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    first.say(440);
    ben.say(1000);
    await hears(() => ben.heard(ada), 440, 'the room hears the phone');
    const [before] = room.producersOf(ada);
    // As when a call moves to another device.
    second.connect(await leg.answer(second.describe()));
    first.say(undefined);
    second.say(700);
    expect(leg.codec).toBe('G722');
    await hears(() => ben.heard(ada), 700, 'the room hears it in the other codec');
    await hears(() => second.heard(), 1000, 'it hears the room there');
    const now = room.producersOf(ada);
    expect(now).toHaveLength(1);
    expect(now[0]?.producerId).not.toBe(before?.producerId);
    expect(second.rtp[0]?.ssrc).toBe(first.rtp[0]?.ssrc);
  });

  test('is not heard where it is garbage, a flood or of a stranger', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone('opus');
    await using stranger = await createRtpPhone('opus');
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const leg = await call(started.phones, phone);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    phone.say(440);
    await hears(() => ben.heard(ada), 440, 'the room hears the phone');
    stranger.connect(phone.describe().replace(/m=audio \d+/, `m=audio ${portOf(await leg.offer())}`));
    stranger.say(1600);
    const random = createRandom(7);
    const flood = setInterval(() => {
      for (let packet = 0; packet < 20; packet += 1) {
        const bytes = Buffer.from(Array.from({ length: 200 * random() }, () => 256 * random()));
        phone.send(bytes);
        // Of a payload type that was agreed on, of another stream each, with something behind it that is no Opus.
        phone.send(Buffer.concat([Buffer.from([0x80, 96]), bytes]));
      }
    }, 20);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const [own, strange] = await sharesOf(() => ben.heard(ada), [440, 1600]);
    clearInterval(flood);
    expect(own).toBeGreaterThan(-6);
    expect(strange).toBeLessThan(-20);
    expect(started.phones.stats().threadDeaths).toBe(0);
  });
});

describe('what two phones say', () => {
  test('is told as silence once, where both know how, and keys are found in the sound itself', async () => {
    await using started = await startPhones();
    const { phones } = started;
    const quiet = { ...legDefaults, codecs: ['PCMU'], comfortNoise: true, inBandDtmf: true } as const;
    const one = await phones.openLeg({ ...quiet, id: 'one' });
    const two = await phones.openLeg({ ...quiet, id: 'two' });
    await one.takeAnswer(
      await two.answer((await one.offer()).replace(/^a=(rtpmap|fmtp):\d+ (telephone-event|0-1).*\r\n/gm, '')),
    );
    const told = recordLeg(two);
    await eventually(async () => (await one.stats()).sent.packets > 5, 'it begins');
    await new Promise((resolve) => setTimeout(resolve, 600));
    const before = (await one.stats()).sent.packets;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await one.stats()).sent.packets - before).toBeLessThan(10);
    await one.play([{ tones: [770, 1336], ms: 120 }, { silenceMs: 200 }]);
    await eventually(() => told.some(({ name }) => name === 'digit'), 'the key is found');
    expect(told.filter(({ name }) => name === 'digit')).toMatchObject([{ digit: '5' }]);
  });
});

function portOf(sdp: string): string {
  return /^m=audio (\d+)/m.exec(sdp)?.[1] ?? '';
}
