import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { createPeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startMedia } from '../../test/support/start-media.ts';
import { toneShareDb } from '../../test/support/tones.ts';
import type { PhoneCodec } from '../mixer/codecs/voice-codec.ts';
import { createPhoneMedia, type PhoneMediaOptions } from './create-phone-media.ts';
import type { PhoneLeg, PhoneLegOptions, PhoneMedia } from './phone-media.ts';
import { createRoomPerson } from './testing/room-person.ts';
import { createRtpPhone, type RtpPhone } from './testing/rtp-phone.ts';

async function startPhones(overrides: Partial<PhoneMediaOptions> = {}) {
  const options = {
    threads: 1,
    listenIp: '127.0.0.1',
    portMin: 42_000,
    portMax: 46_999,
    maxLateMs: 10_000,
    ...overrides,
  };
  const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger });
  return { phones, [Symbol.asyncDispose]: () => phones.close() };
}

const legDefaults: PhoneLegOptions = {
  id: 'leg',
  codecs: ['opus', 'G722', 'PCMU', 'PCMA'],
  srtp: 'never',
  announced: '127.0.0.1',
  inBandDtmf: false,
  levelControl: false,
  noiseGate: false,
  comfortNoise: false,
  silenceTimeoutMs: 30_000,
};

async function call(phones: PhoneMedia, phone: RtpPhone, overrides: Partial<PhoneLegOptions> = {}): Promise<PhoneLeg> {
  const leg = await phones.openLeg({ ...legDefaults, ...overrides });
  phone.connect(await leg.answer(phone.describe()));
  return leg;
}

/** As much of a tone as a listener can tell apart: its share of all that was heard in a second. */
async function hears(read: () => Int16Array, hertz: number, what: string): Promise<void> {
  let pcm: number[] = [];
  await eventually(() => {
    pcm = [...pcm, ...read()].slice(-4000);
    return pcm.length === 4000 && toneShareDb(Int16Array.from(pcm), 8000, hertz) > -3;
  }, what);
}

describe.skipIf(!requireOrSkip('mediasoup'))('phones', () => {
  test.each<PhoneCodec>(['PCMU', 'PCMA', 'G722', 'opus'])(
    'one that speaks %s hears a room and is heard there',
    async (codec) => {
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
      // Not itself.
      expect(toneShareDb(phone.heard(), 8000, 440)).toBeLessThan(-30);
      expect(await leg.stats()).toMatchObject({ codec, received: { lost: 0 }, mos: expect.any(Number) });
      leg.close();
      await eventually(() => room.producersOf(ada).length === 0, 'its track is gone');
    },
  );
});
