import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { encodeMessage } from '../../proto/binary.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { mediaDefaults, type RunningMedia, startMedia } from '../../test/support/start-media.ts';
import type { RoomMedia } from '../media.ts';
import { type DataCounts, dataCountsOf } from './data-counts.ts';
import { connectRawClient, type RawClient } from './testing/raw-client.ts';

const options = { ...mediaDefaults, dataMessagesPerSecond: 50, maxDataMessageBytes: 1_000 };
const bytesOf = (text: string) => new TextEncoder().encode(text);

describe.skipIf(!requireOrSkip('mediasoup'))('data of a room', { timeout: 30_000 }, () => {
  let running: RunningMedia;
  let room: RoomMedia;
  let counts: DataCounts;
  let before: DataCounts;

  beforeAll(async () => {
    running = await startMedia(options);
  });
  afterAll(() => running?.[Symbol.asyncDispose]());
  beforeEach(() => {
    room = running.media.openRoom('standup');
    return () => room.close();
  });

  const connect = () => connectRawClient(running.media, room);

  const message = (text: string, toPeerIds: readonly string[] = []) =>
    encodeMessage('DataToServer', { toPeerIds, topic: 't', payload: bytesOf(text) });
  const texts = ({ heard }: RawClient) => heard.map(({ payload }) => new TextDecoder().decode(payload));

  async function start(count: number): Promise<RawClient[]> {
    counts = dataCountsOf(running.options);
    before = { ...counts };
    const clients: RawClient[] = [];
    for (let index = 0; index < count; index++) clients.push(await connect());
    return clients;
  }

  test('a flood reaches nobody beyond what one may send, and the room lives', async () => {
    const [flooder, ben, cleo] = (await start(3)) as [RawClient, RawClient, RawClient];
    const startedAtMs = performance.now();
    for (let index = 0; index < 1_000; index++) flooder.send(message(`flood ${index}`));
    await eventually(() => counts.tooFast + counts.received - before.tooFast - before.received >= 1_000, 'the flood');
    cleo.send(message('still here'));
    await eventually(() => texts(ben).includes('still here'), 'another word');
    const seconds = (performance.now() - startedAtMs) / 1000;
    const arrived = texts(ben).filter((text) => text.startsWith('flood'));
    expect(arrived.length).toBeGreaterThanOrEqual(100);
    expect(arrived.length).toBeLessThanOrEqual(100 + Math.ceil(seconds * 50));
    for (const client of [flooder, ben, cleo]) client[Symbol.dispose]();
  });

  test('a flood that goes on ends the transport of who sends it, and no other', async () => {
    const [flooder, ben, cleo] = (await start(3)) as [RawClient, RawClient, RawClient];
    const closed: PeerId[] = [];
    room.events.on('transportClosed', ({ peerId }) => closed.push(peerId));
    for (let index = 0; index < 12_000; index++) flooder.send(Uint8Array.of(1));
    await eventually(() => closed.length > 0, 'the end of the transport');
    expect(closed).toEqual([flooder.peerId]);
    expect(counts.tooFast - before.tooFast).toBeLessThan(12_000);
    cleo.send(message('still here'));
    await eventually(() => texts(ben).includes('still here'), 'another word');
    for (const client of [flooder, ben, cleo]) client[Symbol.dispose]();
  });

  test('what is no message, or too large, is dropped and counted, and the transport stays up', async () => {
    const [ada, ben] = (await start(2)) as [RawClient, RawClient];
    ada.send(bytesOf('not protobuf at all'));
    ada.send(message('x'.repeat(1_001)));
    ada.send(message('x'.repeat(1_000)));
    ada.send(message('both', Array(65).fill('p_1')));
    ada.send(message('fine'), 'lossy');
    await eventually(() => texts(ben).includes('fine') && ben.heard.length >= 2, 'what is fine');
    expect(counts.malformed - before.malformed).toBe(3);
    expect(ada.state).toBe('connected');
    expect(ben.heard.every(({ fromPeerId }) => fromPeerId === ada.peerId)).toBe(true);
    for (const client of [ada, ben]) client[Symbol.dispose]();
  });

  test('a peer that has left hears nothing, and its place is not taken for another’s', async () => {
    const [ada, ben, cleo] = (await start(3)) as [RawClient, RawClient, RawClient];
    room.removePeer(ben.peerId);
    const dora = await connect();
    ada.send(message('to ben', [ben.peerId]));
    ada.send(message('to dora', [dora.peerId]));
    ada.send(message('to all'));
    await eventually(() => texts(dora).includes('to all') && texts(cleo).includes('to all'), 'the last one');
    expect([texts(ben), texts(cleo), texts(dora)]).toEqual([[], ['to all'], ['to dora', 'to all']]);
    for (const client of [ada, ben, cleo, dora]) client[Symbol.dispose]();
  });

  test('opening twice at once is opening once', async () => {
    const peerId = createPeerId();
    const rtpCapabilities = running.media.rtpCapabilities;
    const made = await room.createTransport(peerId, { direction: 'recv', rtpCapabilities, data: true });
    const open = () => room.openData(peerId, { sendTransportId: undefined, recvTransportId: made.transportId });
    const [one, other] = await Promise.all([open(), open()]);
    expect(other).toEqual(one);
    expect(await open()).toEqual(one);
  });

  test('a transport that was made without data is refused, and one of another direction', async () => {
    const peerId = createPeerId();
    const { transportId } = await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined });
    const open = (sendTransportId?: string, recvTransportId?: string) =>
      room.openData(peerId, { sendTransportId, recvTransportId });
    await expect(open(transportId)).rejects.toMatchObject({ reason: 'DATA_REFUSED' });
    await expect(open(undefined, transportId)).rejects.toMatchObject({ reason: 'TRANSPORT_WRONG_DIRECTION' });
    await expect(open('nonsense')).rejects.toMatchObject({ reason: 'TRANSPORT_NOT_FOUND' });
  });
});
