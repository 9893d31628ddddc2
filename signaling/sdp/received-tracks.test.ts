import { expect, test } from 'vitest';
import { answerTo } from '../../test/support/sdp-answers.ts';
import { sampleOffer, sampleRouter } from '../../test/support/sdp-samples.ts';
import { startSignaling, type TestClient } from '../testing/start-signaling.ts';

const room = 'standup';

test('a track that found no section gets the one that comes free', async () => {
  const t = startSignaling();
  Object.assign(t.media, { rtpCapabilities: sampleRouter });
  /** Lets what was gathered go out. */
  const gather = async () => {
    t.clock.advance(50);
    await t.turns.end();
  };
  const senders: TestClient[] = [];
  for (let index = 0; index < 41; index++) {
    const sender = await t.join({ identity: `sender-${index}` });
    await sender.call('sdp.publish', { room, offer: sampleOffer('gstreamer-1.22-audio') });
    senders.push(sender);
  }
  const ben = await t.join({ identity: 'ben' });
  const { sessionId, ...first } = await ben.call('sdp.subscribe', { room, auto: true });
  const answer = (version: number, offer: string) =>
    ben.call('sdp.answer', { room, sessionId, version, answer: answerTo(offer) });
  expect(first.tracks).toHaveLength(40);
  await answer(first.version, first.offer);

  await senders[0]?.call('room.leave', { room });
  await gather();
  const [second] = ben.link.of('sdpOffer').map(({ offered }) => offered);
  expect(second?.tracks).toHaveLength(39);
  await answer(second?.version ?? 0, second?.offer ?? '');
  await gather();
  expect(ben.link.of('sdpOffer').at(-1)?.offered.tracks).toHaveLength(40);
});
