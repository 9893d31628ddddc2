import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { encodeMessage } from '../../proto/binary.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createMediaNetwork, type MediaNetwork } from '../../test/support/node-media.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { mediaDefaults, type RunningMedia, startMedia } from '../../test/support/start-media.ts';
import type { RoomMedia } from '../media.ts';
import { dataCountsOf } from './data-counts.ts';
import { connectRawClient, type RawClient } from './testing/raw-client.ts';

const options = { ...mediaDefaults, dataMessagesPerSecond: 50, maxDataMessageBytes: 1_000 };

describe.skipIf(!requireOrSkip('mediasoup'))('data of a room on two nodes', { timeout: 30_000 }, () => {
  let network: MediaNetwork;
  let [near, far]: [RunningMedia, RunningMedia] = [] as never;
  let [here, there]: [RoomMedia, RoomMedia] = [] as never;
  let [ada, ben, cleo]: [RawClient, RawClient, RawClient] = [] as never;

  beforeAll(async () => {
    network = createMediaNetwork();
    near = await startMedia({ ...options }, { nodes: network.join('near') });
    far = await startMedia({ ...options }, { nodes: network.join('far') });
    network.serve('near', near.media.forNodes);
    network.serve('far', far.media.forNodes);
  });
  afterAll(async () => {
    await near?.[Symbol.asyncDispose]();
    await far?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    [here, there] = [near.media.openRoom('standup'), far.media.openRoom('standup')];
    ada = await connectRawClient(near.media, here);
    [ben, cleo] = [await connectRawClient(far.media, there), await connectRawClient(far.media, there)];
    there.remoteTracks?.peerAt(ada.peerId, 'near');
    for (const { peerId } of [ben, cleo]) here.remoteTracks?.peerAt(peerId, 'far');
  });
  afterEach(() => {
    for (const client of [ada, ben, cleo]) client[Symbol.dispose]();
    here.close();
    there.close();
  });

  const message = (text: string, toPeerIds: readonly string[] = []) =>
    encodeMessage('DataToServer', { toPeerIds, topic: 't', payload: new TextEncoder().encode(text) });
  const texts = ({ heard }: RawClient) => heard.map(({ payload }) => new TextDecoder().decode(payload));
  const countsOf = ({ options: its }: RunningMedia) => ({ ...dataCountsOf(its) });

  test('reaches everybody on the other node, in order, and once for each node', async () => {
    const before = countsOf(near);
    const said = Array.from({ length: 90 }, (_, at) => `${at}`);
    for (const text of said) ada.send(message(text));
    await eventually(() => texts(ben).length >= 90 && texts(cleo).length >= 90, 'all of it is there');
    expect([texts(ben), texts(cleo), texts(ada)]).toEqual([said, said, []]);
    expect(ben.heard.every(({ fromPeerId, topic }) => fromPeerId === ada.peerId && topic === 't')).toBe(true);
    expect(countsOf(near).toNodes - before.toNodes).toBe(90);
    ben.send(message('to both nodes'), 'lossy');
    await eventually(() => texts(ada).length > 0 && texts(cleo).length > 90, 'the answer is on both nodes');
  });

  test('reaches those who are named, wherever they are, and no other node', async () => {
    const before = countsOf(far);
    cleo.send(message('both', [ada.peerId, ben.peerId, ada.peerId, 'p_nobody']));
    cleo.send(message('here', [ben.peerId]));
    await eventually(() => texts(ada).length > 0 && texts(ben).length > 1, 'they heard it');
    expect([texts(ada), texts(ben)]).toEqual([['both'], ['both', 'here']]);
    expect(countsOf(far).toNodes - before.toNodes).toBe(1);
  });

  test('is lost and counted while the link is down, and goes on after that', async () => {
    const before = countsOf(near);
    network.cut('far');
    ada.send(message('lost'));
    await eventually(() => countsOf(near).lostToNodes > before.lostToNodes, 'it is counted');
    network.mend('far');
    ada.send(message('heard'));
    await eventually(() => texts(ben).length > 0, 'the next one is heard');
    expect(texts(ben)).toEqual(['heard']);
  });

  test('is dropped where a node speaks for somebody whom it does not have, or says too much', async () => {
    const before = countsOf(far);
    const data = { fromPeerId: ada.peerId, toPeerIds: [], topic: 't', payload: new Uint8Array(4), reliable: true };
    network.say('stranger', 'far', { room: 'standup', data });
    network.say('near', 'far', { room: 'standup', data: { ...data, fromPeerId: ben.peerId } });
    network.say('near', 'far', { room: 'standup', data: { ...data, fromPeerId: createPeerId() } });
    network.say('near', 'far', { room: 'standup', data: { ...data, payload: new Uint8Array(1_001) } });
    network.say('near', 'far', { room: 'nowhere', data });
    ada.send(message('fine'));
    await eventually(() => texts(ben).length > 0, 'what is fine');
    expect(texts(ben)).toEqual(['fine']);
    expect(countsOf(far).malformed - before.malformed).toBe(4);
  });

  test('is not for a peer that left, and not to a node that has nobody any more', async () => {
    const before = countsOf(near);
    here.remoteTracks?.peerAt(ben.peerId, undefined);
    ada.send(message('to ben', [ben.peerId]));
    ada.send(message('to all'));
    await eventually(() => texts(cleo).length > 0, 'the others hear it');
    here.remoteTracks?.peerAt(cleo.peerId, undefined);
    ada.send(message('to nobody'));
    await eventually(() => countsOf(near).received - before.received === 3, 'all was taken');
    expect(countsOf(near).toNodes - before.toNodes).toBe(1);
  });
});
