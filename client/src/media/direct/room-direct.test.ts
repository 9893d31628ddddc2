import { describe, expect, test } from 'vitest';
import type { MediaMode } from '../../../../proto/gen/types.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import { type MediaRoom, startMediaRoom } from '../../../test/media-room.ts';
import { connectResponse } from '../../../test/scripted-server.ts';
import { peerInfo, roomSnapshot } from '../../../test/snapshots.ts';
import { createWrtcDevice } from '../../../test/wrtc-device.ts';
import { DirectConnection, type SignalKind } from './direct-connection.ts';

const trying: MediaMode = { mode: 'trying', generation: 1, peerId: 'bob', initiator: true, reason: 'start' };
const server: MediaMode = { mode: 'sfu', generation: 2, peerId: '', initiator: false, reason: 'failed' };
const answers = { 'media.getIceServers': () => ({ iceServers: [], relayOnly: false, expiresAtMs: 0 }) };

const tell = ({ connection }: MediaRoom, mode: MediaMode) =>
  connection.event('mediaModeChanged', { room: 'standup', mode });
const called = ({ connection }: MediaRoom, method: 'direct.signal' | 'direct.report') =>
  connection.called(method).map(({ params }) => params);

const withBob = roomSnapshot({ peers: [peerInfo('bob')] });

/** The other one, as far as a connection goes: it is open, and that was reported. */
async function meetBob(media: MediaRoom): Promise<Disposable & { readonly isOver: boolean }> {
  const heard = { open: false, over: false };
  const bob = new DirectConnection({
    iceServers: [],
    relayOnly: false,
    initiator: false,
    signal: (kind, data) => media.connection.event('directSignal', { room: 'standup', generation: 1, kind, data }),
    onOpen: () => {
      heard.open = true;
    },
    onMessage: () => {},
    onFailed: () => {
      heard.over = true;
    },
  });
  tell(media, trying);
  let passed = 0;
  await eventually(() => {
    const signals = called(media, 'direct.signal');
    for (const { kind, data } of signals.slice(passed)) bob.receive(kind as SignalKind, String(data));
    passed = signals.length;
    return heard.open && called(media, 'direct.report').length > 0;
  }, 'a way');
  return {
    get isOver() {
      return heard.over;
    },
    [Symbol.dispose]: () => bob.close(),
  };
}

describe('a server that says to try a direct way', () => {
  test('gets an offer of one sender for each source, and its candidates', async () => {
    createWrtcDevice();
    await using media = await startMediaRoom(answers);
    tell(media, trying);
    await eventually(() => called(media, 'direct.signal').length > 1, 'an offer and a candidate');
    const [offer, candidate] = called(media, 'direct.signal');
    expect(offer).toMatchObject({ generation: 1, kind: 'offer' });
    const kinds = [...String(offer?.['data']).matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(['audio', 'video', 'video', 'audio', 'application']);
    expect(candidate).toMatchObject({ generation: 1, kind: 'candidate' });
    expect(media.room.mediaMode.mode).toBe('trying');
    tell(media, server);
    await eventually(() => media.room.mediaMode.mode === 'sfu', 'the end');
    expect(called(media, 'direct.report')).toEqual([]);
  });

  test('in an encrypted room gets nothing, whatever it says', async () => {
    createWrtcDevice();
    const snapshot = roomSnapshot({ options: { direct: 'auto', e2ee: true } });
    await using media = await startMediaRoom(answers, { snapshot });
    tell(media, trying);
    await eventually(() => called(media, 'direct.report').length > 0, 'a report');
    expect(called(media, 'direct.report')).toMatchObject([{ generation: 1, outcome: 'failed' }]);
    expect(called(media, 'direct.signal')).toEqual([]);
    expect(media.connection.called('media.getIceServers')).toEqual([]);
  });

  test('twice gets one offer, and an older way is closed for a newer one', async () => {
    createWrtcDevice();
    await using media = await startMediaRoom(answers);
    tell(media, trying);
    tell(media, trying);
    tell(media, { ...trying, generation: 3 });
    await eventually(() => called(media, 'direct.signal').some(({ generation }) => generation === 3), 'the newer one');
    const offers = called(media, 'direct.signal').filter(({ kind }) => kind === 'offer');
    expect(offers.filter(({ generation }) => generation === 3)).toHaveLength(1);
    expect(offers.length).toBeLessThanOrEqual(2);
  });

  test('passes on garbage: the way is given up, and the call goes on', async () => {
    createWrtcDevice();
    await using media = await startMediaRoom(answers);
    tell(media, { ...trying, initiator: false });
    const from = { room: 'standup', generation: 1 } as const;
    media.connection.event('directSignal', { ...from, kind: 'candidate', data: 'no candidate' });
    media.connection.event('directSignal', { ...from, generation: 7, kind: 'offer', data: 'of another one' });
    media.connection.event('directSignal', { ...from, kind: 'answer', data: 'to nothing' });
    media.connection.event('directSignal', { ...from, kind: 'offer', data: 'v=0\r\nthis is no description' });
    await eventually(() => called(media, 'direct.report').length > 0, 'a report');
    expect(called(media, 'direct.report')).toMatchObject([{ generation: 1, outcome: 'failed' }]);
    expect(media.room.mediaState).toBe('idle');
  });

  test('and that a way is direct which is not there is told so', async () => {
    await using media = await startMediaRoom(answers);
    tell(media, { ...trying, mode: 'direct', generation: 5 });
    await eventually(() => called(media, 'direct.report').length > 0, 'a report');
    expect(called(media, 'direct.report')).toMatchObject([{ generation: 5, outcome: 'failed' }]);
  });

  test('and then that the other one left sees to it that they hear nothing more, whether they want or not', async () => {
    createWrtcDevice();
    await using media = await startMediaRoom(answers, { snapshot: withBob });
    using bob = await meetBob(media);
    tell(media, { ...trying, mode: 'direct' });
    // It says nothing of a way back, and takes part in none.
    media.connection.event('peersLeft', {
      room: 'standup',
      peers: [{ peerId: 'bob', name: 'bob', reason: 'removed' }],
      peerCount: 1,
    });
    await eventually(() => bob.isOver, 'the end', 30_000);
  });

  test('hears again that there is one when the word may have been lost with a connection', async () => {
    createWrtcDevice();
    await using media = await startMediaRoom(answers, { snapshot: withBob });
    using _bob = await meetBob(media);
    media.snapshot = { ...withBob, mediaMode: trying };
    await media.reconnect();
    await eventually(() => called(media, 'direct.report').length > 0, 'a report');
    expect(called(media, 'direct.report')).toMatchObject([{ generation: 1, outcome: 'connected' }]);
  });

  test('of a room that was opened anew hears of its own generations only', async () => {
    createWrtcDevice();
    const anew = { ...answers, 'session.connect': () => connectResponse() };
    await using media = await startMediaRoom(anew, { snapshot: withBob });
    tell(media, { ...server, generation: 5 });
    await eventually(() => media.room.mediaMode.generation === 5, 'the last of the old room');
    await media.reconnect();
    await eventually(() => media.room.mediaMode.generation === 0, 'the new room');
    const bob = await meetBob(media);
    bob[Symbol.dispose]();
    await eventually(() => called(media, 'direct.report').length > 1, 'the end', 30_000);
    tell(media, server);
    await eventually(() => called(media, 'direct.report').length > 2, 'the return');
    expect(called(media, 'direct.report')).toMatchObject([
      { generation: 1, outcome: 'connected' },
      { generation: 1, outcome: 'failed' },
      { generation: 2, outcome: 'lifted' },
    ]);
  });
});
