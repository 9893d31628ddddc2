import { describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import { createRoomPerson } from './testing/room-person.ts';
import { createRtpPhone } from './testing/rtp-phone.ts';
import { call, hears, sharesOf, startPhones } from './testing/start-phones.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('a phone in a room', () => {
  test.each<PhoneCodec>(['PCMU', 'PCMA', 'G722', 'opus'])('hears it and is heard in it by %s', async (codec) => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone(codec);
    const room = running.media.openRoom('standup');
    await using ben = await createRoomPerson(room);
    const leg = await call(started.phones, phone);
    expect(leg).toMatchObject({ codec, encrypted: false, held: false, heldByUs: false });
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    expect(room.producersOf(ada)).toMatchObject([{ kind: 'audio', source: 'microphone', paused: false }]);
    phone.say(440);
    ben.say(1000);
    await hears(() => phone.heard(), 1000, 'the phone hears the room');
    await hears(() => ben.heard(ada), 440, 'the room hears the phone');
    const [own] = await sharesOf(() => phone.heard(), [440]);
    expect(own).toBeLessThan(-30);
    expect(await leg.stats()).toMatchObject({ codec, received: { lost: 0 }, mos: expect.any(Number) });
    await eventually(() => room.speakers.includes(ada) || room.allProducers().length === 2, 'it is a speaker');
    leg.close();
    await eventually(() => room.producersOf(ada).length === 0, 'its track is gone');
  });

  test('hears all others and not itself, and each of them the same of it', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using one = await createRtpPhone('PCMU');
    await using two = await createRtpPhone('G722');
    await using three = await createRtpPhone('PCMA', 40);
    const room = running.media.openRoom('standup');
    await using browser = await createRoomPerson(room);
    const phones = [one, two, three];
    const peers = phones.map(() => createPeerId());
    for (const [index, phone] of phones.entries()) {
      const leg = await call(started.phones, phone, { id: `leg-${index}` });
      await leg.enter(room, peers[index]!, `owner-${index}`);
    }
    one.say(440);
    two.say(700);
    three.say(1100);
    browser.say(1600);
    const tones = [440, 700, 1100, 1600];
    await hears(() => browser.heard(peers[2]!), 1100, 'the room hears the last phone');
    for (const [index, phone] of phones.entries()) {
      let shares: readonly number[] = [];
      await eventually(async () => {
        shares = await sharesOf(() => phone.heard(), tones);
        return shares.every((share, tone) => tone === index || share > -12);
      }, `phone ${index} hears all others`);
      expect(shares[index], `phone ${index} in its own mix`).toBeLessThan(-25);
    }
    // Once more by its own track in the room: as it came.
    const [own, others] = await sharesOf(() => browser.heard(peers[0]!), [440, 700]);
    expect(own).toBeGreaterThan(-3);
    expect(others).toBeLessThan(-25);
  });

  test.each<PhoneCodec>(['PCMU', 'opus'])(
    'is not transcoded while it is alone with somebody who speaks %s, too',
    async (codec) => {
      await using running = await startMedia();
      await using started = await startPhones();
      await using phone = await createRtpPhone(codec);
      const room = running.media.openRoom('call');
      const ben = await createRoomPerson(room, codec);
      const leg = await call(started.phones, phone);
      const ada = createPeerId();
      await leg.enter(room, ada, 'ada');
      phone.say(440);
      ben.say(1000);
      await hears(() => phone.heard(), 1000, 'the phone hears the other');
      await hears(() => ben.heard(ada), 440, 'the other hears the phone');
      expect(await leg.stats()).toMatchObject({ passedThrough: true });
      // A prompt is mixed in, and then packets pass again.
      expect(await leg.play([{ tones: [600], ms: 300 }])).toBe('played');
      await eventually(async () => (await leg.stats()).passedThrough, 'packets pass again');
      await hears(() => phone.heard(), 1000, 'the phone hears the other again');
      // Numbers went on all the time.
      const { rtp } = phone;
      expect(new Set(rtp.map(({ ssrc }) => ssrc)).size).toBe(1);
      for (const [index, packet] of rtp.entries()) {
        const before = rtp[index - 1];
        if (before) expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
      }
      // A third voice ends it.
      await using third = await createRoomPerson(room);
      third.say(1600);
      await eventually(async () => !(await leg.stats()).passedThrough, 'it is mixed');
      await hears(() => ben.heard(ada), 440, 'the phone is still heard');
      await ben[Symbol.asyncDispose]();
      await hears(() => phone.heard(), 1600, 'who left is not waited for');
    },
  );

  test('passes what two phones say to each other as it came', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using one = await createRtpPhone('PCMA');
    await using two = await createRtpPhone('PCMA');
    const room = running.media.openRoom('call');
    const legs = [await call(started.phones, one), await call(started.phones, two)];
    for (const leg of legs) await leg.enter(room, createPeerId(), leg.id);
    one.say(440);
    two.say(1000);
    await hears(() => one.heard(), 1000, 'one hears two');
    await hears(() => two.heard(), 440, 'two hears one');
    for (const leg of legs) expect(await leg.stats()).toMatchObject({ passedThrough: true });
  });

  test('goes from one room to another, and leaves nothing behind', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const rooms = ['one', 'two'].map((name) => running.media.openRoom(name));
    const people = [await createRoomPerson(rooms[0]!), await createRoomPerson(rooms[1]!)];
    const leg = await call(started.phones, phone);
    const ada = createPeerId();
    phone.say(440);
    people[0]!.say(1000);
    people[1]!.say(700);
    await leg.enter(rooms[0]!, ada, 'ada');
    await hears(() => phone.heard(), 1000, 'the first room');
    await leg.enter(rooms[1]!, ada, 'ada');
    await hears(() => phone.heard(), 700, 'the second room');
    expect(rooms[0]!.producersOf(ada)).toEqual([]);
    await leg.leave();
    await eventually(() => started.phones.stats().threads[0]?.rooms === 0, 'no room is mixed');
    expect(started.phones.stats()).toMatchObject({ legs: 1, threadDeaths: 0, refused: 0 });
    leg.close();
    for (const person of people) await person[Symbol.asyncDispose]();
    await eventually(async () => (await running.countInWorkers()).transports === 0, 'the worker holds nothing');
    await eventually(() => started.phones.stats().threads[0]?.legs === 0, 'the thread holds nothing');
  });

  test('is heard and hears again when the worker dies', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using phone = await createRtpPhone();
    const room = running.media.openRoom('standup');
    const leg = await call(started.phones, phone);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    phone.say(440);
    const [worker] = (await running.media.stats()).workers;
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await eventually(() => room.epoch > 1 && room.producersOf(ada).length === 1, 'its track is back');
    await using ben = await createRoomPerson(room);
    ben.say(1000);
    await hears(() => ben.heard(ada), 440, 'the phone is heard');
    await hears(() => phone.heard(), 1000, 'the phone hears');
  });
});
