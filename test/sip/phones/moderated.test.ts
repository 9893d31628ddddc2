// What moderators do to a phone in a room, and what its keys do, by what it is told and what everybody hears.

import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { signIn } from '../../support/phones/person.ts';
import { dial, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { heardBy, lastOf, listenAt, loudnessDb, untilHeard, untilSilent } from '../../support/phones/recordings.ts';
import { isSaid, likeness, shippedPrompt } from '../../support/phones/sound-search.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

interface Joined {
  readonly peers: readonly { readonly peerId: string; readonly identity: string }[];
}

async function press(phone: TestPhone, keys: string): Promise<void> {
  for (const key of keys) {
    await phone.command('sndcode', key);
    await delay(250);
  }
}

/** Until the phone has been told these words, since it listens to nobody else. */
async function untilTold(phone: TestPhone, words: string): Promise<void> {
  const prompt = await shippedPrompt(words);
  let best = 0;
  await eventually(
    async () => {
      const heard = (await heardBy(phone)).at(-1);
      best = heard === undefined ? 0 : likeness(lastOf(heard, 8_000), prompt);
      return best > isSaid;
    },
    words,
    10_000,
    300,
  ).catch((error: unknown) => {
    throw new Error(`${words} is not heard: ${best}`, { cause: error });
  });
}

test.skipIf(!here)(
  'a phone in a room is muted, asked to speak, made louder and removed, and has keys of its own',
  async () => {
    const server = await startPhoneServer(planOfThree);
    const mia = await signIn(server, 'mia');
    await mia.call('room.join', { room: 'lobby' });
    const ben = await registeredPhone(server, { user: 'ben' });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ben, '800');
    await ben.command('mute');
    await dial(ann, '800');
    const atBen = () => listenAt(ben);
    await untilTold(ann, 'room-entered');
    await untilHeard(atBen, 'ann');
    const peerId = await eventually(
      () =>
        mia
          .told<Joined>('peersJoined')
          .flatMap(({ peers }) => peers)
          .find(({ identity }) => identity === 'ann')?.peerId,
      'ann',
    );
    const added = mia.told<{ peerId: string; producer: { producerId: string } }>('producerAdded');
    const producerId = added.find((one) => one.peerId === peerId)?.producer.producerId;

    await press(ann, '12#');
    await eventually(() => mia.told('phoneDigit').length === 3, 'the keys');
    expect(mia.told<{ digit: string }>('phoneDigit').map(({ digit }) => digit)).toEqual(['1', '2', '#']);

    await press(ann, '*4');
    await untilTold(ann, 'quieter');
    await press(ann, '*6');
    await untilTold(ann, 'muted');
    await untilSilent(atBen);
    await press(ann, '*6');
    await untilTold(ann, 'unmuted');
    await untilHeard(atBen, 'ann');

    await mia.call('moderation.muteProducer', { room: 'lobby', producerId, muted: true, lock: true });
    await untilTold(ann, 'muted-by-moderator');
    await untilSilent(atBen);
    await press(ann, '*6');
    await untilTold(ann, 'mute-locked');
    await untilSilent(atBen);
    await mia.call('moderation.muteProducer', { room: 'lobby', producerId, muted: true, lock: false });
    await untilTold(ann, 'unlocked-by-moderator');
    await mia.call('moderation.requestUnmute', { room: 'lobby', peerId });
    await untilTold(ann, 'unmute-asked');
    await press(ann, '*6');
    await untilHeard(atBen, 'ann');

    await press(ann, '*5');
    await untilTold(ann, 'hand-raised');
    expect(mia.told('handRaised')).toHaveLength(1);
    await mia.call('moderation.lowerHand', { room: 'lobby', peerId });
    await untilTold(ann, 'hand-lowered-by-moderator');

    // The other one speaks, and is heard as loud as a moderator wants.
    await ben.command('mute');
    await untilHeard(() => listenAt(ann), 'ben');
    const loudness = async () => loudnessDb((await listenAt(ann))!, tones.ben);
    await mia.call('moderation.setPhoneVolume', { room: 'lobby', peerId, volumeDb: 0 });
    await delay(300);
    const before = await loudness();
    await mia.call('moderation.setPhoneVolume', { room: 'lobby', peerId, volumeDb: -12 });
    await delay(300);
    expect((await loudness()) - before).toBeCloseTo(-12, 0);

    await mia.call('moderation.removePeer', { room: 'lobby', peerId });
    await ann.heard('CALL_CLOSED');
    const left = mia.told<{ peers: { peerId: string; reason: string }[] }>('peersLeft').flatMap(({ peers }) => peers);
    expect(left).toMatchObject([{ peerId, reason: 'removed' }]);

    // Whoever was removed is not let in again by dialling anew.
    await ann.command('dial', `sip:800@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_CLOSED', 2);
    expect(ann.events.findLast(({ type }) => type === 'CALL_CLOSED')?.param).toMatch(/^403/);

    await press(ben, '*9');
    await ben.heard('CALL_CLOSED');
    const [atBenAll] = await heardBy(ben);
    expect(likeness(lastOf(atBenAll!, 3_000), await shippedPrompt('goodbye'))).toBeGreaterThan(isSaid);
    // To its end: what a phone holds back when it is hung up is silence.
    expect(Math.max(...lastOf(atBenAll!, 20).pcm.map(Math.abs))).toBeLessThan(100);
    for (const words of ['muted', 'quieter', 'hand-raised', 'muted-by-moderator']) {
      expect(likeness(atBenAll!, await shippedPrompt(words)), words).toBeLessThan(isSaid);
    }
  },
  120_000,
);
