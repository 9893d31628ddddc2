import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { answerTo } from '../../test/support/sdp-answers.ts';
import { sampleOffer, sampleRouter } from '../../test/support/sdp-samples.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'standup';
const offer = sampleOffer('chromium-156-publish');

function start(): TestSignaling {
  const t = startSignaling();
  Object.assign(t.media, { rtpCapabilities: sampleRouter });
  return t;
}

const publish = (client: TestClient, text = offer) => client.call('sdp.publish', { room, offer: text });

/** Ada sends a sound and a picture; Ben receives all there is, and has answered. */
async function startCall(t: TestSignaling) {
  const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
  const published = await publish(ada);
  const offered = await ben.call('sdp.subscribe', { room, auto: true });
  const { sessionId, version } = offered;
  await ben.call('sdp.answer', { room, sessionId, version, answer: answerTo(offered.offer) });
  ben.link.take();
  return { ada, ben, published, offered, media: t.media.room(room) };
}

/** Lets what was gathered go out. */
async function gather(t: TestSignaling): Promise<void> {
  t.clock.advance(50);
  await t.turns.end();
}

describe('sdp.publish', () => {
  test('makes a producer of each section that sends, and says which', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    const { tracks, answer } = await publish(ada);
    expect(tracks.map(({ mid, source }) => [mid, source])).toEqual([
      ['0', 'microphone'],
      ['1', 'camera'],
    ]);
    expect(answer).toContain('a=recvonly');
    expect(ben.link.of('producerAdded').map(({ producer }) => producer.producerId)).toEqual(
      tracks.map(({ producerId }) => producerId),
    );
    expect(t.signaling.stats().sdp.sessions).toEqual({ publish: 1, subscribe: 0 });
  });

  test('of a source that the client names makes that one', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const tracks = [{ mid: '1', source: 'screen', paused: true } as const];
    expect((await ada.call('sdp.publish', { room, offer, tracks })).tracks).toMatchObject([
      { mid: '0', source: 'microphone', paused: false },
      { mid: '1', source: 'screen', paused: true },
    ]);
  });

  test('of a picture as a sound, of a mid that is not there, or of one source twice fails with SDP_REFUSED', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const wrong = [
      [{ mid: '1', source: 'microphone' }],
      [{ mid: '7', source: 'camera' }],
      [
        { mid: '0', source: 'screen-audio' },
        { mid: '1', source: 'screen-audio' },
      ],
    ];
    for (const tracks of wrong) {
      expect((await ada.refusal('sdp.publish', { room, offer, tracks })).reason).toBe('SDP_REFUSED');
    }
    expect(t.media.room(room).transports.size).toBe(0);
    expect(t.signaling.stats().sdp).toEqual({ sessions: { publish: 0, subscribe: 0 }, refused: 3 });
  });

  test('without the grant for a section fails with GRANT_MISSING, and nothing is made', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada', can: ['join', 'publish:audio'] });
    const error = await ada.refusal('sdp.publish', { room, offer });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant: 'publish:video' }]);
    expect(t.media.room(room).transports.size).toBe(0);
  });

  test('whose grant goes while media is asked leaves nothing behind', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const release = t.media.room(room).hold();
    const refused = ada.refusal('sdp.publish', { room, offer });
    const token = t.verifier.issue({ identity: 'ada', can: ['join', 'publish:audio'] });
    await ada.call('session.refresh', { token });
    release();
    expect((await refused).reason).toBe('GRANT_MISSING');
    expect(t.media.room(room).transports.size).toBe(0);
  });

  test('that is not waited for any more leaves nothing behind', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const release = t.media.room(room).hold();
    const refused = ada.refusal('sdp.publish', { room, offer });
    ada.link.lose();
    release();
    expect((await refused).reason).toBe('CALL_CANCELLED');
    await eventually(() => t.media.room(room).transports.size === 0, 'an end without transports');
    expect(t.signaling.stats().sdp.sessions.publish).toBe(0);
  });

  test('again with a section that stopped ends its producer, and keeps the other', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const { sessionId, tracks } = await publish(ada);
    const [, video = ''] = offer.split(/(?=m=video)/);
    const stopped = offer.replace(video, video.replace('a=sendonly', 'a=inactive').replace('a=sendrecv', 'a=inactive'));
    const again = await ada.call('sdp.publish', { room, sessionId, offer: stopped });
    expect(again.tracks).toEqual(tracks.slice(0, 1));
    expect([...t.media.room(room).producers.keys()]).toEqual([tracks[0]?.producerId]);
    expect(again.answer).toContain('a=inactive');
  });

  test('again with other ICE credentials restarts ICE, and with the same ones does not', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const { sessionId, answer } = await publish(ada);
    expect(answer).toContain('a=ice-ufrag:ufrag0');
    const same = await ada.call('sdp.publish', { room, sessionId, offer });
    expect(same.answer).toContain('a=ice-ufrag:ufrag0');
    const other = offer.replaceAll(/a=ice-ufrag:.*/g, 'a=ice-ufrag:other');
    const restarted = await ada.call('sdp.publish', { room, sessionId, offer: other });
    expect(restarted.answer).toContain('a=ice-ufrag:ufrag1');
    expect(restarted.tracks).toHaveLength(2);
  });

  test('again with another certificate fails with SDP_REFUSED, and the session goes on', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const { sessionId, tracks } = await publish(ada);
    const other = offer.replaceAll(/(a=fingerprint:sha-256 )../g, '$100');
    const error = await ada.refusal('sdp.publish', { room, sessionId, offer: other });
    expect(error.details['problem']).toContain('certificate');
    expect(t.media.room(room).producers.size).toBe(tracks.length);
  });

  test('again after its producer was closed by another call makes it anew', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const { sessionId, tracks } = await publish(ada);
    await ada.call('media.closeProducer', { room, producerId: tracks[0]?.producerId ?? '' });
    const again = await ada.call('sdp.publish', { room, sessionId, offer });
    expect(again.tracks).toHaveLength(2);
    expect(again.tracks.map(({ producerId }) => producerId)).not.toContain(tracks[0]?.producerId);
  });

  test('in an end-to-end encrypted room fails with E2EE_REFUSES, and so does subscribing', async () => {
    const t = start();
    const ada = await t.connect({ identity: 'ada', can: ['join', 'moderate', 'publish:audio', 'subscribe'] });
    await ada.call('room.join', { room, options: { e2ee: true } });
    expect((await ada.refusal('sdp.publish', { room, offer })).reason).toBe('E2EE_REFUSES');
    expect((await ada.refusal('sdp.subscribe', { room, auto: true })).reason).toBe('E2EE_REFUSES');
  });

  test('of a session of somebody else fails with SDP_SESSION_NOT_FOUND', async () => {
    const t = start();
    const { ben, published } = await startCall(t);
    const { sessionId } = published;
    expect((await ben.refusal('sdp.publish', { room, sessionId, offer })).reason).toBe('SDP_SESSION_NOT_FOUND');
    expect((await ben.refusal('sdp.close', { room, sessionId })).reason).toBe('SDP_SESSION_NOT_FOUND');
  });
});

describe('sdp.subscribe', () => {
  test('offers what is sent, and the client’s answer lets it flow', async () => {
    const t = start();
    const { offered, published, media } = await startCall(t);
    expect(offered.version).toBe(1);
    expect(offered.tracks.map(({ mid, source, producerId }) => [mid, source, producerId])).toEqual(
      published.tracks.map(({ source, producerId }, index) => [String(index), source, producerId]),
    );
    expect(media.consumers.size).toBe(2);
  });

  test('in a room where nothing is sent offers nothing yet, and the first track brings the first offer', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    const { sessionId, ...first } = await ben.call('sdp.subscribe', { room, auto: true });
    expect([first.version, first.offer, first.tracks]).toEqual([0, '', []]);
    await publish(ada);
    await gather(t);
    expect(ben.link.of('sdpOffer').map(({ offered }) => [offered.sessionId, offered.version])).toEqual([
      [sessionId, 1],
    ]);
  });

  test('gathers what comes within 50 ms into one offer', async () => {
    const t = start();
    const { ben } = await startCall(t);
    for (const identity of ['cleo', 'dan', 'eva']) await publish(await t.join({ identity }));
    await gather(t);
    const offers = ben.link.of('sdpOffer');
    expect(offers).toHaveLength(1);
    expect(offers[0]?.offered.tracks).toHaveLength(8);
  });

  test('offers nothing while an offer is out; the next one has what happened meanwhile', async () => {
    const t = start();
    const { ada, ben, published } = await startCall(t);
    const { sessionId } = await publish(await t.join({ identity: 'cleo' }));
    await gather(t);
    await ada.call('sdp.close', { room, sessionId: published.sessionId });
    await gather(t);
    const [second, ...early] = ben.link.of('sdpOffer');
    expect(early).toEqual([]);
    const { version, offer: text, sessionId: receiving } = second!.offered;
    await ben.call('sdp.answer', { room, sessionId: receiving, version, answer: answerTo(text) });
    await gather(t);
    const third = ben.link.of('sdpOffer')[1];
    expect(third?.offered.version).toBe(3);
    // Cleo’s tracks have sections of their own, and Ada’s are empty.
    expect(third?.offered.tracks.map(({ mid }) => mid)).toEqual(['2', '3']);
    expect(sessionId).not.toBe(receiving);
  });

  test('uses a section again once the client has seen it empty', async () => {
    const t = start();
    const { ada, ben, published } = await startCall(t);
    let { sessionId } = published;
    let offered = { sessionId: '', version: 0, offer: '' };
    const next = async () => {
      await gather(t);
      offered = ben.link.of('sdpOffer').at(-1)!.offered;
      await ben.call('sdp.answer', {
        room,
        sessionId: offered.sessionId,
        version: offered.version,
        answer: answerTo(offered.offer),
      });
    };
    for (let round = 0; round < 20; round++) {
      await ada.call('sdp.close', { room, sessionId });
      await next();
      sessionId = (await publish(ada)).sessionId;
      await next();
    }
    expect(offered.offer.match(/^m=/gm)).toHaveLength(2);
    expect(offered.version).toBe(41);
  });

  test('that answers to another version than the newest fails with SDP_VERSION_PASSED', async () => {
    const t = start();
    const { ben, offered } = await startCall(t);
    const request = { room, sessionId: offered.sessionId, answer: answerTo(offered.offer) };
    const error = await ben.refusal('sdp.answer', { ...request, version: 1 });
    expect([error.reason, error.details]).toEqual(['SDP_VERSION_PASSED', { version: 1 }]);
    expect((await ben.refusal('sdp.answer', { ...request, version: 9 })).reason).toBe('SDP_VERSION_PASSED');
  });

  test('an answer that is none leaves the offer open for another one', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    await publish(ada);
    const { sessionId, version, offer: text } = await ben.call('sdp.subscribe', { room, auto: true });
    expect((await ben.refusal('sdp.answer', { room, sessionId, version, answer: 'v=0\r\n' })).reason).toBe(
      'SDP_REFUSED',
    );
    await ben.call('sdp.answer', { room, sessionId, version, answer: answerTo(text) });
  });

  test('does not offer again what its client refused, unless it selects it', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    const { tracks } = await publish(ada);
    const { sessionId, version, offer: text } = await ben.call('sdp.subscribe', { room, auto: true });
    await ben.call('sdp.answer', { room, sessionId, version, answer: answerTo(text, { except: ['1'] }) });
    expect(t.media.room(room).consumers.size).toBe(1);
    await publish(await t.join({ identity: 'cleo' }));
    await gather(t);
    const second = ben.link.of('sdpOffer')[0]!.offered;
    expect(second.tracks.map(({ producerId }) => producerId)).not.toContain(tracks[1]?.producerId);
    await ben.call('sdp.answer', { room, sessionId, version: 2, answer: answerTo(second.offer) });
    const video = tracks[1]?.producerId ?? '';
    await ben.call('sdp.select', { room, sessionId, producerIds: [video] });
    await gather(t);
    expect(ben.link.of('sdpOffer')[1]!.offered.tracks.map(({ producerId }) => producerId)).toEqual([video]);
  });

  test('of a producer that is not there, or of one’s own, fails with PRODUCER_NOT_FOUND', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada' });
    const { tracks } = await publish(ada);
    for (const producerId of ['nobody', tracks[0]?.producerId]) {
      const error = await ada.refusal('sdp.subscribe', { room, producerIds: [producerId] });
      expect(error.reason).toBe('PRODUCER_NOT_FOUND');
    }
  });

  test('ends a session whose offer is not answered within 10 s', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    await publish(ada);
    const { sessionId } = await ben.call('sdp.subscribe', { room, auto: true });
    t.clock.advance(9_999);
    expect(ben.link.of('sdpClosed')).toEqual([]);
    t.clock.advance(1);
    expect(ben.link.of('sdpClosed')).toEqual([{ room, sessionId, reason: 'unanswered' }]);
    expect(t.media.room(room).consumers.size).toBe(0);
  });

  test('waits for a client that is away, and offers anew when it restarts ICE', async () => {
    const t = start();
    const { ben } = await startCall(t);
    await publish(await t.join({ identity: 'cleo' }));
    ben.link.lose();
    await gather(t);
    t.clock.advance(15_000);
    const back = t.open();
    await back.connect(t.verifier.issue({ identity: 'ben' }), ben);
    await t.turns.end();
    expect(t.signaling.stats().sdp.sessions.subscribe).toBe(1);
    const { sessionId } = [...t.media.room(room).transports].map(([id]) => ({ sessionId: id }))[1]!;
    const offered = await back.call('sdp.restartIce', { room, sessionId });
    expect(offered.offer).toContain('a=ice-ufrag:ufrag1');
    expect(offered.tracks).toHaveLength(4);
    const { version } = offered;
    await back.call('sdp.answer', { room, sessionId, version, answer: answerTo(offered.offer) });
  });

  test('a worker that dies and a client that is lost end sessions with their reason', async () => {
    const t = start();
    const { ada, ben, published, offered, media } = await startCall(t);
    media.failTransport(published.sessionId);
    expect(ada.link.of('sdpClosed')).toEqual([{ room, sessionId: published.sessionId, reason: 'transport' }]);
    media.reset();
    expect(ben.link.of('sdpClosed')).toEqual([{ room, sessionId: offered.sessionId, reason: 'reset' }]);
    expect(t.signaling.stats().sdp.sessions).toEqual({ publish: 0, subscribe: 0 });
  });

  test('without the grant any more gets nothing, and has it again with the grant', async () => {
    const t = start();
    const { ben, media, offered } = await startCall(t);
    await ben.call('session.refresh', { token: t.verifier.issue({ identity: 'ben', can: ['join'] }) });
    expect(media.consumers.size).toBe(0);
    await gather(t);
    const { sessionId } = offered;
    const empty = ben.link.of('sdpOffer')[0]!.offered;
    expect(empty.tracks).toEqual([]);
    const answer = answerTo(empty.offer);
    expect((await ben.refusal('sdp.answer', { room, sessionId, version: 2, answer })).reason).toBe('GRANT_MISSING');
    await ben.call('session.refresh', { token: t.verifier.issue({ identity: 'ben' }) });
    await ben.call('sdp.answer', { room, sessionId, version: 2, answer });
    await gather(t);
    expect(ben.link.of('sdpOffer')[1]!.offered.tracks).toHaveLength(2);
  });

  test('whoever leaves takes the sessions along, and no offer of theirs is waited for', async () => {
    const t = start();
    const [ada, ben] = [await t.join({ identity: 'ada' }), await t.join({ identity: 'ben' })];
    await publish(ada);
    await ben.call('sdp.subscribe', { room, auto: true });
    await ben.call('room.leave', { room });
    await ada.call('room.leave', { room });
    expect(t.signaling.stats().sdp.sessions).toEqual({ publish: 0, subscribe: 0 });
    t.clock.advance(10_000);
    expect(ben.link.of('sdpClosed')).toEqual([]);
  });
});

describe('sdp.trickle', () => {
  test('takes a candidate and the end of them, and refuses what is none', async () => {
    const t = start();
    const { ada, published } = await startCall(t);
    const { sessionId } = published;
    const candidate = 'candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host';
    expect(await ada.call('sdp.trickle', { room, sessionId, candidate, mid: '0' })).toEqual({});
    expect(await ada.call('sdp.trickle', { room, sessionId })).toEqual({});
    expect((await ada.refusal('sdp.trickle', { room, sessionId, candidate: 'nonsense' })).reason).toBe('SDP_REFUSED');
    expect((await ada.refusal('sdp.trickle', { room, sessionId: 'x' })).reason).toBe('SDP_SESSION_NOT_FOUND');
  });
});
