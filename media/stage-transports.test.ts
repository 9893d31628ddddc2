import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createPeerId, type PeerId } from '../core/ids.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { sendTransport } from '../test/support/room-media-calls.ts';
import { fingerprint } from '../test/support/rtp-parameters.ts';
import { type RunningMedia, startMedia } from '../test/support/start-media.ts';
import type { Media, RoomMedia } from './media.ts';

describe.skipIf(!requireOrSkip('mediasoup'))('transports of a room', () => {
  let running: RunningMedia;
  let media: Media;
  let room: RoomMedia;
  let ada: PeerId;
  let ben: PeerId;

  beforeAll(async () => {
    running = await startMedia();
    media = running.media;
  });
  afterAll(() => running[Symbol.asyncDispose]());
  beforeEach(() => {
    room = media.openRoom('standup');
    ada = createPeerId();
    ben = createPeerId();
    return () => room.close();
  });

  test('createTransport() tells where to send: UDP before TCP, on the announced address', async () => {
    const made = await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined });
    expect(made.iceParameters.iceLite).toBe(true);
    expect(made.iceCandidates.map(({ address, protocol, type }) => [address, protocol, type])).toEqual([
      ['127.0.0.1', 'udp', 'host'],
      ['127.0.0.1', 'tcp', 'host'],
    ]);
    const [udp, tcp] = made.iceCandidates;
    expect(udp!.priority).toBeGreaterThan(tcp!.priority);
    expect(made.dtlsParameters.role).toBe('auto');
    expect(made.dtlsParameters.fingerprints.map(({ algorithm }) => algorithm)).toContain('sha-256');
  });

  test('createTransport() to receive without capabilities fails with BAD_REQUEST', async () => {
    await expect(room.createTransport(ada, { direction: 'recv', rtpCapabilities: undefined })).rejects.toMatchObject({
      reason: 'BAD_REQUEST',
      details: { field: 'rtpCapabilities' },
    });
  });

  test('createTransport() beyond the limit fails with TOO_MANY_MEDIA_OBJECTS, the ones under way included', async () => {
    const results = await Promise.allSettled(Array.from({ length: 6 }, () => sendTransport(room, ada)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => reason)).toMatchObject([
      { reason: 'TOO_MANY_MEDIA_OBJECTS', details: { limit: 4, what: 'transports' } },
      { reason: 'TOO_MANY_MEDIA_OBJECTS' },
    ]);
    await expect(sendTransport(room, ben)).resolves.toBeTypeOf('string');
  });

  test('connectTransport() a second time fails with TRANSPORT_ALREADY_CONNECTED, even at once', async () => {
    const transportId = await sendTransport(room, ada);
    const parameters = {
      role: 'client' as const,
      fingerprints: [{ algorithm: 'sha-256' as const, value: fingerprint }],
    };
    const [first, second] = await Promise.allSettled([
      room.connectTransport(ada, transportId, parameters),
      room.connectTransport(ada, transportId, parameters),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { reason: 'TRANSPORT_ALREADY_CONNECTED' } });
  });

  test('connectTransport() with parameters that are refused can be tried again', async () => {
    const transportId = await sendTransport(room, ada);
    await expect(
      room.connectTransport(ada, transportId, {
        role: 'client',
        fingerprints: [{ algorithm: 'sha-512', value: fingerprint }],
      }),
    ).rejects.toMatchObject({ reason: 'DTLS_PARAMETERS_REFUSED' });
    await room.connectTransport(ada, transportId, {
      role: 'client',
      fingerprints: [{ algorithm: 'sha-256', value: fingerprint.toLowerCase() }],
    });
  });

  test('restartIce() answers with other credentials', async () => {
    const made = await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined });
    const restarted = await room.restartIce(ada, made.transportId);
    expect(restarted.iceLite).toBe(true);
    expect(restarted.usernameFragment).not.toBe(made.iceParameters.usernameFragment);
    expect(restarted.password).not.toBe(made.iceParameters.password);
  });
});
