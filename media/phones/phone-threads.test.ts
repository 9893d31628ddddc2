import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { BroadcastChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createRandom, oneOf } from '../../test/support/random.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { toneShareDb } from '../../test/support/tones.ts';
import type { PhoneLeg } from './phone-media.ts';
import { createRoomPerson } from './testing/room-person.ts';
import { createRtpPhone, type RtpPhone } from './testing/rtp-phone.ts';
import { call, hears, legDefaults, recordLeg, startPhones } from './testing/start-phones.ts';

const fragile = new URL('./testing/fragile-mixer.mjs', import.meta.url);

describe.skipIf(!requireOrSkip('mediasoup'))('threads of phones', () => {
  test('pass a phone on to the one that mixes its room, and its stream goes on', async () => {
    await using running = await startMedia();
    await using started = await startPhones({ threads: 3 });
    const room = running.media.openRoom('standup');
    await using person = await createRoomPerson(room);
    const phones: RtpPhone[] = [];
    const legs: PhoneLeg[] = [];
    for (const tone of [440, 700, 1100]) {
      const phone = await createRtpPhone();
      const leg = await call(started.phones, phone, { id: String(tone), srtp: 'never' });
      phone.say(tone);
      phones.push(phone);
      legs.push(leg);
    }
    await eventually(
      () => started.phones.stats().threads.every(({ legs: count }) => count === 1),
      'one on each thread',
    );
    await eventually(() => phones.every(({ rtp }) => rtp.length > 5), 'all are spoken to');
    const playing = legs[2]!.play([{ tones: [600], ms: 60_000 }], { bargeIn: true });
    const peers = legs.map(() => createPeerId());
    await Promise.all(legs.map((leg, index) => leg.enter(room, peers[index]!, leg.id)));
    person.say(1600);
    await hears(() => person.heard(peers[2]!), 1100, 'one that moved is heard');
    await eventually(
      () =>
        started.phones
          .stats()
          .threads.map(({ legs: count }) => count)
          .sort()
          .join() === '0,0,3',
      'all are on one thread',
    );
    // What was played to it goes on there, and so does the answer to its keys.
    phones[2]!.press(3);
    expect(await playing).toBe('barged');
    for (const { rtp } of phones) {
      expect(new Set(rtp.map(({ ssrc }) => ssrc)).size).toBe(1);
      const sequences = rtp.map(({ sequence }) => sequence);
      for (const [index, sequence] of sequences.entries()) {
        if (index > 0) expect((sequence - sequences[index - 1]!) & 0xffff).toBe(1);
      }
    }
    for (const leg of legs) expect((await leg.stats()).received.lost).toBeLessThan(8);
    for (const phone of phones) await phone[Symbol.asyncDispose]();
  });

  test('pass a phone on without the main loop, so that nothing is lost while that is busy', async () => {
    await using started = await startPhones({ threads: 2 });
    await using one = await createRtpPhone();
    await using other = await createRtpPhone();
    const [leg, there] = [await call(started.phones, one), await call(started.phones, other)];
    one.say(440);
    await eventually(async () => (await leg.stats()).received.packets > 5, 'it is heard');
    const passing = leg.bridge(there);
    for (let turn = 0; turn < 10; turn += 1) await null;
    const startedMs = performance.now();
    for (let said = 0; performance.now() - startedMs < 500; ) {
      // Long after the threads are done with it.
      if (performance.now() - startedMs < 300 + 20 * said) continue;
      one.speak(Buffer.alloc(160, 0x55));
      said += 1;
    }
    await passing;
    const { packets } = (await leg.stats()).received;
    await eventually(async () => (await leg.stats()).received.packets > packets + 20, 'it is heard on');
    expect((await leg.stats()).received.lost).toBe(0);
    await hears(other.heard, 440, 'the other one hears it');
  });

  test.each(['events', 'tones'])('lose no key that is pressed while a phone is passed on, by %s', async (by) => {
    await using started = await startPhones({ threads: 2 });
    await using one = await createRtpPhone();
    await using other = await createRtpPhone();
    const leg = await started.phones.openLeg(legDefaults);
    const offer = one.describe();
    const withoutEvents = offer.replace(/(m=audio.*) 101\r/, '$1\r').replace(/a=(rtpmap|fmtp):101.*\r\n/g, '');
    one.connect(await leg.answer(by === 'events' ? offer : withoutEvents));
    const there = await call(started.phones, other);
    const passing = leg.bridge(there);
    const presses: Promise<void>[] = [];
    // One of these moments is that of its way.
    for (let turn = 0; turn < 10; turn += 1) {
      await null;
      if (by === 'events' || turn === 5) presses.push(leg.sendDigits(String(turn)));
    }
    await passing;
    await Promise.all(presses);
    if (by === 'tones') {
      await eventually(() => toneShareDb(one.heard(), 8000, 770) > -6, 'the key sounds');
      return;
    }
    const pressed = () =>
      new Set(one.rtp.filter((packet) => packet.payloadType === 101).map(({ payload }) => payload[0]));
    await eventually(() => pressed().size === 10, 'all keys came');
  });

  test('that die end their phones with an error, and are replaced', async () => {
    await using running = await startMedia();
    await using started = await startPhones({}, fragile);
    await using phone = await createRtpPhone();
    using orders = closing(new BroadcastChannel('fragile-mixer'));
    const room = running.media.openRoom('standup');
    const leg = await call(started.phones, phone);
    const told = recordLeg(leg);
    const ada = createPeerId();
    await leg.enter(room, ada, 'ada');
    const playing = leg.play([{ silenceMs: 1000 }], { loop: true });
    orders.postMessage('die');
    expect(await playing).toBe('stopped');
    expect(told).toMatchObject([{ name: 'closed', error: { reason: 'MEDIA_UNAVAILABLE' } }]);
    expect(room.producersOf(ada)).toEqual([]);
    await expect(leg.stats()).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    leg.close();
    await expect(started.phones.openLeg(legDefaults)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    await eventually(() => started.phones.stats().threads.length === 1, 'another thread is there');
    const again = await call(started.phones, phone);
    await again.enter(room, ada, 'ada');
    phone.say(440);
    await using ben = await createRoomPerson(room);
    await hears(() => ben.heard(ada), 440, 'a phone is heard');
    expect(started.phones.stats()).toMatchObject({ threadDeaths: 1, legs: 1 });
  });

  test.each([
    ['look for each other', (legs: readonly PhoneLeg[]) => [legs[0]!.bridge(legs[1]), legs[1]!.bridge(legs[0])]],
    [
      'of which one goes elsewhere',
      (legs: readonly PhoneLeg[]) => [legs[1]!.bridge(legs[2]), legs[0]!.bridge(legs[1])],
    ],
    ['of which one waits', (legs: readonly PhoneLeg[]) => [legs[0]!.bridge(legs[2]), legs[1]!.bridge(legs[0])]],
  ])('bring two together that %s', async (_how, bridge) => {
    await using started = await startPhones({ threads: 3 });
    await using one = await createRtpPhone();
    await using other = await createRtpPhone();
    await using third = await createRtpPhone();
    const legs: PhoneLeg[] = [];
    for (const phone of [one, other, third]) legs.push(await call(started.phones, phone));
    one.say(440);
    other.say(700);
    await Promise.all(bridge(legs));
    await hears(one.heard, 700, 'one hears the other');
    await hears(other.heard, 440, 'and the other hears it');
  });

  test('end a phone alone that something throws for, and tell why', async () => {
    const failures: object[] = [];
    const log = { ...silentLogger, error: (fields: object) => void failures.push(fields) };
    await using started = await startPhones({}, fragile, log);
    await using phone = await createRtpPhone();
    await using other = await createRtpPhone();
    await using third = await createRtpPhone();
    using orders = closing(new BroadcastChannel('fragile-mixer'));
    const leg = await call(started.phones, phone, { id: 'broken' });
    const told = recordLeg(leg);
    const [one, two] = [await call(started.phones, other), await call(started.phones, third)];
    await one.bridge(two);
    const playing = leg.play([{ silenceMs: 1000 }], { loop: true });
    orders.postMessage({ refused: phone.port });
    expect(await playing).toBe('stopped');
    await eventually(() => told.length > 0, 'its end is told');
    expect(told).toMatchObject([{ name: 'closed', error: { reason: 'MEDIA_UNAVAILABLE' } }]);
    expect(failures).toMatchObject([{ leg: 'broken', err: { stack: expect.stringContaining('leg-path') } }]);
    other.say(440);
    await hears(third.heard, 440, 'others hear each other');
    expect(started.phones.stats()).toMatchObject({ threadDeaths: 0, legFailures: 1, legs: 2 });
  });

  test('that die before they are ready fail the start, and nothing else', async () => {
    const stillborn = new URL('data:text/javascript,throw new Error("no memory")');
    await expect(startPhones({ threads: 2 }, stillborn)).rejects.toThrow('ended before it was ready');
  });

  test('that die again and again are started ever less often', async () => {
    const short = `import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ type: 'ready', tapPort: 1, originPort: 1 });
      setTimeout(() => process.exit(1), 10);`;
    await using started = await startPhones({}, new URL(`data:text/javascript,${encodeURIComponent(short)}`));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // After 100, 200, 400, 800 ms.
    const { threadDeaths } = started.phones.stats();
    expect(threadDeaths).toBeGreaterThan(1);
    expect(threadDeaths).toBeLessThan(6);
  });

  test('outlive packets that are longer than any voice', async () => {
    await using running = await startMedia();
    await using started = await startPhones();
    await using loud = await createRtpPhone();
    await using other = await createRtpPhone();
    await using third = await createRtpPhone();
    const room = running.media.openRoom('standup');
    const enter = async (phone: RtpPhone) => {
      const leg = await call(started.phones, phone);
      await leg.enter(room, createPeerId(), 'owner');
    };
    loud.say(440);
    await enter(loud);
    await enter(other);
    await hears(other.heard, 440, 'one that is alone with it hears it');
    const tooLong = () => {
      for (const bytes of [1_461, 2_000, 8_000, 40_000]) loud.speak(Buffer.alloc(bytes, 0x55));
    };
    // As it came to the one, then mixed for two.
    tooLong();
    await hears(other.heard, 440, 'it is heard after them');
    third.say(700);
    await enter(third);
    await hears(other.heard, 700, 'another one is mixed');
    tooLong();
    third.say(undefined);
    await hears(other.heard, 440, 'it is heard in the mix after them');
    expect(started.phones.stats()).toMatchObject({ threadDeaths: 0, legs: 3 });
  });

  test('that are late take no more phones until they are in time again', async () => {
    const warned: unknown[] = [];
    const log = { ...silentLogger, warn: (fields: object, message: string) => void warned.push({ message, fields }) };
    await using started = await startPhones({ maxLateMs: 150 }, fragile, log);
    using orders = closing(new BroadcastChannel('fragile-mixer'));
    const busy = setInterval(() => orders.postMessage(250), 300);
    await eventually(() => (started.phones.stats().threads[0]?.lateMsP99 ?? 0) > 150, 'it is late');
    await expect(started.phones.openLeg(legDefaults)).rejects.toMatchObject({
      reason: 'NODE_OVERLOADED',
      retryAfterMs: expect.any(Number),
    });
    await expect(started.phones.openLeg(legDefaults)).rejects.toMatchObject({ reason: 'NODE_OVERLOADED' });
    clearInterval(busy);
    expect(started.phones.stats()).toMatchObject({ refused: 2, legs: 0 });
    expect(warned, 'the log tells once of both').toEqual([
      { message: 'phones are refused while threads are late', fields: expect.objectContaining({ maxLateMs: 150 }) },
    ]);
    await eventually(() => (started.phones.stats().threads[0]?.lateMsP99 ?? 0) < 150, 'it is in time again');
    (await started.phones.openLeg(legDefaults)).close();
  });

  test('pass over ports that other programs have', async () => {
    await using started = await startPhones({ portMin: 29_110, portMax: 29_113 });
    // Of the first pair the port of RTCP: that of RTP is free again after the try.
    using squatter = closing(createSocket('udp4'));
    squatter.bind(29_111, '127.0.0.1');
    await once(squatter, 'listening');
    const leg = await started.phones.openLeg(legDefaults);
    expect(await leg.offer()).toContain('m=audio 29112 ');
    await expect(started.phones.openLeg(legDefaults)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    using free = closing(createSocket('udp4'));
    free.bind(29_110, '127.0.0.1');
    await once(free, 'listening');
  });

  test('refuse a phone that finds no port, and give ports back', async () => {
    await using started = await startPhones({ portMin: 29_100, portMax: 29_103 });
    const legs = [await started.phones.openLeg(legDefaults), await started.phones.openLeg(legDefaults)];
    await expect(started.phones.openLeg(legDefaults)).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    legs[0]!.close();
    await eventually(async () => {
      const leg = await started.phones.openLeg(legDefaults).catch(() => undefined);
      leg?.close();
      return leg !== undefined;
    }, 'its port is free again');
  });

  test('keep nothing of 50 phones that come, move and go at random', { timeout: 60_000 }, async () => {
    await using running = await startMedia();
    const socketsBefore = countSockets();
    {
      await using started = await startPhones({ threads: 2 });
      const { phones } = started;
      const random = createRandom(7);
      const chance = (share: number) => random() < share;
      const rooms = Array.from({ length: 4 }, (_, index) => running.media.openRoom(`room-${index}`));
      const live = async (index: number) => {
        await using phone = await createRtpPhone((['PCMU', 'PCMA', 'G722', 'opus'] as const)[index % 4]!);
        phone.say(300 + 20 * index);
        const leg = await call(phones, phone, { id: `leg-${index}` });
        const peerId = createPeerId();
        const acts: (() => unknown)[] = [
          () => leg.enter(oneOf(random, rooms), peerId, 'owner'),
          () => leg.leave(),
          () => {
            void leg.play([{ tones: [600], ms: 500 }], { loop: true });
          },
          () => leg.stopPlaying(),
          () => phone.press(Math.floor(random() * 16)),
          () => leg.setMuted(chance(0.5)),
          () => leg.answer(phone.describe(oneOf(random, ['sendrecv', 'sendonly', 'inactive']))),
          () => {
            leg.sendDigits('12').catch(() => {});
          },
          () => leg.stats(),
        ];
        for (let act = 0; act < 8; act += 1) {
          // Closed in the middle of something, now and then.
          if (chance(0.08)) break;
          const doing = Promise.resolve(oneOf(random, acts)()).catch(() => {});
          if (chance(0.75)) await doing;
          await new Promise((resolve) => setTimeout(resolve, 60 * random()));
        }
        leg.close();
      };
      let next = 0;
      const lives = async () => {
        while (next < 50) await live(next++);
      };
      await Promise.all(Array.from({ length: 10 }, lives));
      await eventually(() => phones.stats().legs === 0, 'no leg is known');
      await eventually(
        () => phones.stats().threads.every(({ legs, rooms: mixed }) => legs === 0 && mixed === 0),
        'the threads hold nothing',
      );
      await eventually(async () => (await running.countInWorkers()).transports === 0, 'the worker holds nothing');
      expect(phones.stats().threadDeaths).toBe(0);
    }
    await eventually(() => countSockets() <= socketsBefore, 'all sockets are closed');
  });
});

function closing<Closed extends BroadcastChannel | Socket>(what: Closed): Closed & Disposable {
  return Object.assign(what, { [Symbol.dispose]: () => void what.close() });
}

/** UDP sockets of this process, whichever thread has them. */
function countSockets(): number {
  return readdirSync('/proc/self/fd').length;
}
