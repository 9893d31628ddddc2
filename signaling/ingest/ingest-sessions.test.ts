import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { eventually } from '../../test/support/eventually.ts';
import { answerTo } from '../../test/support/sdp-answers.ts';
import { sampleOffer, sampleRouter } from '../../test/support/sdp-samples.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';
import type { IngestRequest } from './ingest-edge.ts';

const room = 'standup';

function start(): TestSignaling {
  const t = startSignaling();
  Object.assign(t.media, { rtpCapabilities: sampleRouter });
  return t;
}

function open(t: TestSignaling, mode: 'whip' | 'whep', more: Partial<IngestRequest> = {}) {
  const token = t.verifier.issue({ identity: mode });
  const offer = mode === 'whip' ? sampleOffer('chromium-156-publish') : '';
  return t.signaling.ingest.open({ mode, room, token, offer, peer: undefined, source: undefined, ...more });
}

async function reasonOf(outcome: Promise<unknown>): Promise<string> {
  try {
    await outcome;
  } catch (error) {
    if (error instanceof AppError) return error.reason;
    throw error;
  }
  return 'none';
}

const target = (t: TestSignaling, mode: 'whip' | 'whep', sessionId: string) => ({
  mode,
  room,
  sessionId,
  token: t.verifier.issue({ identity: mode }),
});

describe('a WHIP session', () => {
  test('is a peer of its own kind, which DELETE takes out of the room', async () => {
    const t = start();
    const ben = await t.join({ identity: 'ben' });
    const { sessionId, kind } = await open(t, 'whip');
    await t.turns.end();
    expect(kind).toBe('answer');
    expect(ben.link.of('peersJoined').flatMap(({ peers }) => peers.map((peer) => peer.kind))).toEqual(['whip']);
    expect(ben.link.of('producerAdded').map(({ producer }) => producer.source)).toEqual(['microphone', 'camera']);
    expect(t.signaling.stats()).toMatchObject({ peers: { client: 1, chat: 0 }, ingest: { whip: 1, whep: 0 } });
    await t.signaling.ingest.close(target(t, 'whip', sessionId));
    await t.turns.end();
    expect(ben.link.of('peersLeft').flatMap(({ peers }) => peers.map(({ reason }) => reason))).toEqual(['left']);
    expect(t.signaling.stats().ingest).toEqual({ whip: 0, whep: 0 });
    expect(t.media.room(room).transports.size).toBe(0);
  });

  test('as a screen needs the grant for screens', async () => {
    const t = start();
    const ben = await t.join({ identity: 'ben' });
    await open(t, 'whip', { source: 'screen' });
    expect(ben.link.of('producerAdded').map(({ producer }) => producer.source)).toEqual(['screen-audio', 'screen']);
    const token = t.verifier.issue({ identity: 'eve', can: ['join', 'publish:audio', 'publish:video'] });
    expect(await reasonOf(open(t, 'whip', { token, source: 'screen' }))).toBe('GRANT_MISSING');
    expect(t.signaling.stats().ingest.whip).toBe(1);
  });

  test('ends with its token', async () => {
    const t = start();
    const ben = await t.join({ identity: 'ben', ttlMs: 86_400_000 });
    await open(t, 'whip', { token: t.verifier.issue({ identity: 'whip', ttlMs: 60_000 }) });
    t.clock.advance(61_000);
    await t.turns.end();
    expect(ben.link.of('peersLeft').flatMap(({ peers }) => peers.map(({ reason }) => reason))).toEqual(['expired']);
    expect(t.signaling.stats().ingest.whip).toBe(0);
  });

  test('ends when a moderator removes it, and comes in no more', async () => {
    const t = start();
    const ada = await t.join({ identity: 'ada', can: ['join', 'moderate', 'subscribe'] });
    await open(t, 'whip');
    await t.turns.end();
    const peerId = ada.link.of('peersJoined')[0]?.peers[0]?.peerId ?? '';
    await ada.call('moderation.removePeer', { room, peerId });
    expect(t.signaling.stats().ingest.whip).toBe(0);
    expect(await reasonOf(open(t, 'whip'))).toBe('IDENTITY_REMOVED');
  });

  test('ends with its media: its transport, or the worker', async () => {
    const t = start();
    await t.join({ identity: 'ben' });
    const media = t.media.room(room);
    await open(t, 'whip');
    media.failTransport([...media.transports.keys()][0] ?? '');
    expect(t.signaling.stats().ingest.whip).toBe(0);
    await open(t, 'whip');
    media.reset();
    expect(t.signaling.stats().ingest.whip).toBe(0);
  });

  test('is refused with an offer of more than one picture, and nobody saw it', async () => {
    const t = start();
    const ben = await t.join({ identity: 'ben' });
    ben.link.take();
    const twice = sampleOffer('chromium-156-publish');
    const [, video = ''] = twice.split(/(?=m=video)/);
    const other = video.replace('a=mid:1', 'a=mid:2').replaceAll(/a=ssrc.*\r\n/g, '');
    const offer = `${twice.replace('BUNDLE 0 1', 'BUNDLE 0 1 2')}${other}`;
    expect(await reasonOf(open(t, 'whip', { offer }))).toBe('SDP_REFUSED');
    expect(await reasonOf(open(t, 'whip', { offer: 'nonsense' }))).toBe('SDP_REFUSED');
    expect(t.media.room(room).transports.size).toBe(0);
  });

  test('of which 200 come and go leaves nothing behind', async () => {
    const t = start();
    await t.join({ identity: 'ben', ttlMs: 86_400_000 });
    t.clock.advance(10_000);
    const timers = t.clock.pendingTimers;
    for (let round = 0; round < 200; round++) {
      const { sessionId } = await open(t, 'whip');
      await t.signaling.ingest.close(target(t, 'whip', sessionId));
    }
    t.clock.advance(10_000);
    await t.turns.end();
    expect(t.clock.pendingTimers).toBe(timers);
    expect(t.media.room(room).transports.size).toBe(0);
    expect(t.signaling.stats()).toMatchObject({ peers: { client: 1 }, ingest: { whip: 0, whep: 0 } });
  });

  test('counts once while it is being opened, and 200 are taken', async () => {
    const t = start();
    await t.join({ identity: 'ben' });
    const release = t.media.room(room).hold();
    const openAs = (identity: string) => open(t, 'whip', { token: t.verifier.issue({ identity }) });
    const waiting = Array.from({ length: 150 }, (_, index) => openAs(`sender-${index}`));
    await eventually(() => t.signaling.stats().ingest.whip === 150, 'so many peers');
    const later = Array.from({ length: 50 }, (_, index) => openAs(`later-${index}`));
    expect(await reasonOf(openAs('one too many'))).toBe('RATE_LIMITED');
    release();
    await Promise.all([...waiting, ...later]);
    expect(t.signaling.stats().ingest.whip).toBe(200);
  });

  test('is refused while the server stops', async () => {
    const t = start();
    void t.signaling.drain(1_000);
    expect(await reasonOf(open(t, 'whip'))).toBe('SERVER_DRAINING');
  });
});

describe('a WHEP session', () => {
  test('by an offer of the server ends when it is not answered, and when what it plays ends', async () => {
    const t = start();
    await t.join({ identity: 'ben' });
    const sender = await open(t, 'whip');
    const unanswered = await open(t, 'whep');
    expect(unanswered.kind).toBe('offer');
    t.clock.advance(10_000);
    expect(t.signaling.stats().ingest).toEqual({ whip: 1, whep: 0 });
    const answered = await open(t, 'whep');
    const whep = target(t, 'whep', answered.sessionId);
    await t.signaling.ingest.answer(whep, answerTo(answered.sdp));
    expect(await reasonOf(t.signaling.ingest.answer(whep, answerTo(answered.sdp)))).toBe('SDP_VERSION_PASSED');
    t.clock.advance(60_000);
    expect(t.signaling.stats().ingest.whep).toBe(1);
    await t.signaling.ingest.close(target(t, 'whip', sender.sessionId));
    expect(t.signaling.stats().ingest).toEqual({ whip: 0, whep: 0 });
  });

  test('by its own offer restarts ICE by a fragment, and knows the ICE session before no more', async () => {
    const t = start();
    await t.join({ identity: 'ben' });
    await open(t, 'whip');
    const opened = await open(t, 'whep', { offer: sampleOffer('chromium-156-receive') });
    expect(opened.kind).toBe('answer');
    const { ingest } = t.signaling;
    const whep = target(t, 'whep', opened.sessionId);
    const fragment = 'a=ice-ufrag:other\r\na=ice-pwd:passwordpasswordpassword\r\n';
    const restarted = await ingest.patch(whep, fragment, '*');
    expect(restarted.fragment).toContain('a=ice-ufrag:ufrag1');
    expect(await reasonOf(ingest.patch(whep, fragment, opened.etag))).toBe('ICE_GENERATION_PASSED');
    expect(await ingest.patch(whep, fragment, restarted.etag)).toEqual({ etag: restarted.etag, fragment: undefined });
  });
});
