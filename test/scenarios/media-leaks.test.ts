// What is left when everybody has left: nothing, however they came and however they went.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { ingestRequest, sdpType } from '../support/ingest-client.ts';
import { type MediaCensus, takeMediaCensus } from '../support/media-census.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { type RecordedWorkers, recordWorkers } from '../support/recorded-workers.ts';
import { requireOrSkip } from '../support/require.ts';
import { fingerprint, opusParameters, vp8Parameters } from '../support/rtp-parameters.ts';
import { SdpCaller } from '../support/sdp-client.ts';
import { sampleOffer } from '../support/sdp-samples.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

/** Of each kind. */
const visits = 40;
const atOnce = 5;
const can = ['join', 'publish', 'subscribe', 'chat', 'history', 'record'] as const;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe.skipIf(!requireOrSkip('mediasoup'))('when everybody has left', { timeout: 120_000 }, () => {
  let server: RunningServer;
  let workers: RecordedWorkers;
  let census: MediaCensus;

  beforeAll(async () => {
    census = await takeMediaCensus();
    workers = recordWorkers();
    server = await startServer(
      {
        rooms: { idleTimeoutMs: 100 },
        sessions: { resumeGraceMs: 100 },
        recording: { enabled: true, minFreeBytes: 0, maxRunning: 20 },
        ingest: { maxSessions: 1_000 },
      },
      { log: workers.log },
    );
  });
  afterAll(async () => {
    await server?.close();
    census?.[Symbol.dispose]();
  });
  afterEach(expectNothingLeft);

  async function metrics(names: readonly string[]): Promise<Record<string, number>> {
    const text = await readMetrics(server.url);
    const sumOf = (name: string) =>
      [...text.matchAll(new RegExp(`^parley_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      );
    return Object.fromEntries(names.map((name) => [name, sumOf(name)]));
  }

  async function expectNothingLeft(): Promise<void> {
    const names = ['connections', 'sessions', 'peers', 'rooms', 'media_rooms', 'media_transports', 'media_producers'];
    const others = ['media_consumers', 'media_pipes', 'media_room_routers', 'floor_rooms'];
    const edges = ['sdp_sessions', 'ingest_sessions', 'recordings', 'recording_tracks', 'media_worker_routers'];
    const left = async () => {
      const counted = { ...(await metrics([...names, ...others, ...edges])), ...census };
      return Object.fromEntries(Object.entries(counted).filter(([, count]) => count !== 0));
    };
    await expect.poll(left, { timeout: 30_000, interval: 100 }).toEqual({});
  }

  const join = (room: string, identity: string) => SdpCaller.join(server, room, { identity, can });

  /** Half of them say goodbye, and the connections of the others are cut. */
  async function end(caller: SdpCaller, index: number): Promise<void> {
    if (index % 2 === 0) await caller.request('room.leave', { room: caller.room });
    caller[Symbol.dispose]();
  }

  /** Sends a sound and a picture in layers, receives the sound of whoever is there, and opens its data channels. */
  async function stay(caller: SdpCaller): Promise<void> {
    const { rtpCapabilities } = caller;
    const send = await caller.call('media.createTransport', { direction: 'send', data: true });
    const recv = await caller.call('media.createTransport', { direction: 'recv', rtpCapabilities, data: true });
    const dtlsParameters = {
      role: 'client' as const,
      fingerprints: [{ algorithm: 'sha-256' as const, value: fingerprint }],
    };
    for (const { transportId } of [send, recv]) {
      await caller.call('media.connectTransport', { transportId, dtlsParameters });
    }
    const { transportId } = send;
    const sound = { transportId, kind: 'audio', source: 'microphone', rtpParameters: opusParameters() } as const;
    const picture = { kind: 'video', source: 'camera', rtpParameters: vp8Parameters({ layers: 3 }) } as const;
    await caller.call('media.produce', sound);
    await caller.call('media.produce', { transportId, ...picture });
    const heard = caller.of('producerAdded').at(0);
    if (heard) {
      const request = { transportId: recv.transportId, producerId: heard.producer.producerId };
      // Who sent it may be gone already.
      const made = await caller.call('media.consume', request).catch(() => undefined);
      if (made) await caller.call('media.resumeConsumer', { consumerId: made.consumerId }).catch(() => undefined);
    }
    await caller.call('data.open', { sendTransportId: transportId, recvTransportId: recv.transportId });
  }

  async function visitAsSdk(index: number): Promise<void> {
    using caller = await join(`sdk-${index % 4}`, `sdk-${index}`);
    await stay(caller);
    await end(caller, index);
  }

  async function visitBySdp(index: number): Promise<void> {
    using caller = await join(`sdp-${index % 4}`, `sdp-${index}`);
    const offer = sampleOffer(index % 3 === 0 ? 'firefox-153-simulcast' : 'chromium-156-publish');
    await caller.call('sdp.publish', { offer });
    await caller.call('sdp.subscribe', { auto: true });
    await end(caller, index);
  }

  /** One sends and one plays; either may be the first to go. */
  async function visitByHttp(index: number): Promise<void> {
    const room = `http-${index}`;
    const open = async (mode: string, offer: string) => {
      const token = server.issueToken({ identity: `${mode}-${index}` });
      const request = { token, type: sdpType, body: sampleOffer(offer) };
      const opened = await ingestRequest(server, 'POST', `/${mode}/${room}`, request);
      await opened.text();
      expect(opened.status).toBeLessThan(300);
      const location = opened.headers.get('location') ?? '';
      return () => ingestRequest(server, 'DELETE', location, { token });
    };
    const stop = await open('whip', 'chromium-156-publish');
    const leave = await open('whep', 'chromium-156-receive');
    // Where nothing is sent any more, the player's session has ended by itself.
    if (index % 2 === 0) {
      expect((await stop()).status).toBe(200);
      expect([200, 404]).toContain((await leave()).status);
    } else {
      expect((await leave()).status).toBe(200);
      expect((await stop()).status).toBe(200);
    }
  }

  /** Stopped by hand, by the last one who leaves, or with a connection that is cut. */
  async function visitWithRecording(index: number): Promise<void> {
    using caller = await join(`recording-${index}`, `recording-${index}`);
    await stay(caller);
    const { recordingId } = await caller.call('recording.start', {});
    if (index % 3 === 0) await caller.call('recording.stop', { recordingId });
    await end(caller, index);
  }

  async function visit(by: (index: number) => Promise<void>, count: number): Promise<void> {
    for (let index = 0; index < count; index += atOnce) {
      await Promise.all(Array.from({ length: atOnce }, (_, offset) => by(index + offset)));
    }
  }

  test.each([
    ['a client of the SDK', visitAsSdk, visits],
    ['one with session descriptions alone', visitBySdp, visits],
    ['a sender by WHIP and a player by WHEP', visitByHttp, visits],
    ['whoever recorded', visitWithRecording, 2 * atOnce],
  ] as const)('%s leaves nothing behind', async (_who, by, count) => {
    await visit(by, count);
  });

  test('nothing is left of a worker that was killed with all of them on it', async () => {
    const callers = await Promise.all(Array.from({ length: atOnce }, (_, index) => join('killed', `caller-${index}`)));
    await Promise.all(callers.map(stay));
    await callers[0]?.call('recording.start', {});
    const before = workers.latestPid();
    process.kill(before, 'SIGKILL');
    await eventually(() => workers.latestPid() !== before, 'another worker', 30_000);
    await Promise.all(callers.map(end));
  });

  test('memory does not grow with every visit', async () => {
    const measure = async () => {
      await expectNothingLeft();
      collectGarbage();
      const { media_worker_resident_bytes: inWorkers = 0 } = await metrics(['media_worker_resident_bytes']);
      return { heap: process.memoryUsage().heapUsed, inWorkers };
    };
    await visit(visitAsSdk, visits);
    const before = await measure();
    await visit(visitAsSdk, visits);
    await visit(visitBySdp, visits);
    const after = await measure();
    expect((after.heap - before.heap) / (2 * visits)).toBeLessThan(20_000);
    expect((after.inWorkers - before.inWorkers) / (2 * visits)).toBeLessThan(100_000);
  });
});
