import { describe, expect, test } from 'vitest';
import { answerTo } from '../../test/support/sdp-answers.ts';
import { sampleOffer, sampleRouter } from '../../test/support/sdp-samples.ts';
import { startSignaling, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { GrantName } from '../token-verifier.ts';

const room = 'standup';

function start(): TestSignaling {
  const t = startSignaling();
  Object.assign(t.media, { rtpCapabilities: sampleRouter });
  return t;
}

const publish = (client: TestClient, sample: string, sessionId = '') =>
  client.call('sdp.publish', { room, sessionId, offer: sampleOffer(sample) });
const portsOf = (sdp: string) => [...sdp.matchAll(/^m=(\w+) (\d+) /gm)].map(([, kind, port]) => [kind, Number(port)]);
const all: GrantName[] = ['join', 'publish:audio', 'publish:video', 'publish:data', 'subscribe'];
const join = (t: TestSignaling, identity: string, can = all) => t.join({ identity, can });
const refresh = (t: TestSignaling, identity: string, client: TestClient, can: GrantName[]) =>
  client.call('session.refresh', { token: t.verifier.issue({ identity, can }) });

describe('sdp.publish with a section of data channels', () => {
  test.each(['chromium-156-data', 'firefox-153-both-and-data', 'pion-3-data', 'roamhq-data', 'node-datachannel-data'])(
    'as of %s opens it, and data.open takes the session for its transport',
    async (sample) => {
      const t = start();
      const ada = await join(t, 'ada');
      const { sessionId, answer } = await publish(ada, sample);
      expect(portsOf(answer).find(([kind]) => kind === 'application')?.[1]).toBeGreaterThan(0);
      expect(answer).toContain('a=sctp-port:5000');
      expect(answer).toContain('a=max-message-size:');
      expect(await ada.call('data.open', { room, sendTransportId: sessionId })).toMatchObject({ sendLossyStream: 1 });
    },
  );

  test('of another SCTP port than workers have leaves that section out, and takes the others', async () => {
    const t = start();
    const ada = await join(t, 'ada');
    const offer = sampleOffer('firefox-153-both-and-data').replace('a=sctp-port:5000', 'a=sctp-port:5001');
    const { answer } = await ada.call('sdp.publish', { room, offer });
    expect(portsOf(answer).find(([kind]) => kind === 'application')?.[1]).toBe(0);
    expect(answer).not.toContain('a=sctp-port');
  });

  test('without the grant publish:data fails with GRANT_MISSING, and nothing is made', async () => {
    const t = start();
    const ada = await join(t, 'ada', ['join', 'publish:audio', 'publish:video']);
    const error = await ada.refusal('sdp.publish', { room, offer: sampleOffer('chromium-156-data') });
    expect([error.reason, error.details]).toEqual(['GRANT_MISSING', { grant: 'publish:data' }]);
    expect(t.media.room(room).transports.size).toBe(0);
  });

  test('ends when the grant for it goes; one without data goes on', async () => {
    const t = start();
    const ada = await join(t, 'ada');
    const [data, tracks] = [await publish(ada, 'chromium-156-data'), await publish(ada, 'chromium-156-publish')];
    await ada.call('data.open', { room, sendTransportId: data.sessionId });
    await refresh(t, 'ada', ada, ['join', 'publish:audio', 'publish:video']);
    expect(ada.link.of('sdpClosed')).toEqual([{ room, sessionId: data.sessionId, reason: 'transport' }]);
    expect([...t.media.room(room).transports.keys()]).toEqual([tracks.sessionId]);
  });

  test('that comes with a later offer is rejected, for SCTP is there from the beginning or never', async () => {
    const t = start();
    const ada = await join(t, 'ada');
    const { sessionId } = await publish(ada, 'chromium-156-publish');
    const sections = sampleOffer('chromium-156-data').split(/^(?=m=)/m);
    const data = (sections.find((section) => section.startsWith('m=application')) ?? '').replace(
      /a=mid:\S+/,
      'a=mid:9',
    );
    const before = sampleOffer('chromium-156-publish').replace(/^(a=group:BUNDLE .*?)\r?$/m, '$1 9\r');
    const fingerprint = /a=fingerprint:.*/.exec(before)?.[0] ?? '';
    const offer = `${before}${data.replace(/a=fingerprint:.*/, fingerprint)}`;
    const { answer } = await ada.call('sdp.publish', { room, sessionId, offer });
    expect(portsOf(answer).at(-1)).toEqual(['application', 0]);
  });
});

describe('sdp.subscribe with data', () => {
  test('offers a section of data at once, before any track, and tracks behind it', async () => {
    const t = start();
    const [ada, ben] = [await join(t, 'ada'), await join(t, 'ben')];
    const { sessionId, version, offer, tracks } = await ben.call('sdp.subscribe', { room, auto: true, data: true });
    expect([portsOf(offer).map(([kind]) => kind), tracks]).toEqual([['application'], []]);
    await ben.call('sdp.answer', { room, sessionId, version, answer: answerTo(offer) });
    expect(await ben.call('data.open', { room, recvTransportId: sessionId })).toMatchObject({ messagesPerSecond: 50 });

    await publish(ada, 'chromium-156-publish');
    t.clock.advance(50);
    await t.turns.end();
    const [next] = ben.link.of('sdpOffer');
    expect(portsOf(next?.offered.offer ?? '').map(([kind]) => kind)).toEqual(['application', 'audio', 'video']);
    expect(next?.offered.tracks).toHaveLength(2);
  });

  test('ends when the grant to receive goes', async () => {
    const t = start();
    const ben = await join(t, 'ben');
    const { sessionId } = await ben.call('sdp.subscribe', { room, auto: true, data: true });
    await ben.call('data.open', { room, recvTransportId: sessionId });
    await refresh(t, 'ben', ben, ['join']);
    expect(ben.link.of('sdpClosed')).toEqual([{ room, sessionId, reason: 'transport' }]);
    expect(t.media.room(room).transports.size).toBe(0);
  });
});

describe('a track that is offered', () => {
  test('names its consumer, of which the client says how large it shows it', async () => {
    const t = start();
    const [ada, ben] = [await join(t, 'ada'), await join(t, 'ben')];
    await publish(ada, 'chromium-156-publish');
    const { tracks } = await ben.call('sdp.subscribe', { room, auto: true });
    const consumerIds = tracks.map(({ consumerId }) => consumerId);
    expect([...t.media.room(room).consumers.keys()].sort()).toEqual(consumerIds.sort());
    const [consumerId = ''] = consumerIds;
    const view = { width: 320, height: 180, hidden: false };
    expect(await ben.call('media.setConsumerView', { room, consumerId, view })).toEqual({});
    const refused = await ada.refusal('media.setConsumerView', { room, consumerId, view });
    expect(refused.reason).toBe('CONSUMER_NOT_FOUND');
  });
});
