import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { createPeerId } from '../core/ids.ts';
import type { DtlsParameters, RtpCapabilities, RtpParameters } from '../proto/gen/types.ts';
import { readerOf } from '../proto/read-message.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { fingerprint, opusOnly, opusParameters, vp8Parameters } from '../test/support/rtp-parameters.ts';
import { startMedia } from '../test/support/start-media.ts';
import type { Media, RoomMedia } from './media.ts';

/** Values that have broken parsers before. */
const nasty: readonly unknown[] = [
  ...[0, 1, 2, 7, 96, 97, 107, 111, 126, 127, 255, 8000, 48_000, 90_000, 2 ** 31, 2 ** 32 - 1, 0.5, -1, 1e300],
  ...['', ' ', '0', 'x', '\u0000', 'a'.repeat(16), '__proto__', 'audio/opus', 'audio/PCMU', 'audio/red', 'audio/CN'],
  ...['video/VP8', 'video/VP9', 'video/H264', 'video/AV1', 'video/rtx', 'video/ulpfec', 'audio/telephone-event'],
  ...['L1T1', 'L3T3_KEY', 'S3T3', 'S9T9', 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', 'nack', 'audio', 'video'],
  ...['sha-1', 'sha-384', 'sha-512', Array(20).fill('AB').join(':'), Array(64).fill('AB').join(':')],
  ...[true, false, null, undefined],
  ...[[], [[]], {}, { apt: 96 }, { apt: -1 }, { 'profile-level-id': 7 }, { 'profile-id': 'x' }, { ssrc: 1 }],
];

/** Where in a message something is changed, and to what. */
type Edit = readonly [place: number, value: number];
const anyPlace = fc.noBias(fc.nat(1_000_000));
const edits = fc.array(fc.tuple(anyPlace, anyPlace), { minLength: 1, maxLength: 3 });

/** Changes values, mostly to others of their type, and doubles and drops entries of lists. */
function mutate<T>(message: T, changes: readonly Edit[]): unknown {
  const copy = structuredClone(message);
  for (const [place, choice] of changes) {
    const places: [holder: Record<string, unknown>, key: string][] = [];
    const walk = (holder: Record<string, unknown>) => {
      for (const key of Object.keys(holder)) {
        places.push([holder, key]);
        if (holder[key] instanceof Object) walk(holder[key] as Record<string, unknown>);
      }
    };
    walk(copy as Record<string, unknown>);
    const chosen = places[place % places.length];
    if (!chosen) continue;
    const [holder, key] = chosen;
    if (Array.isArray(holder) && choice % 3 === 0) holder.push(structuredClone(holder[Number(key)]));
    else if (Array.isArray(holder) && choice % 3 === 1) holder.splice(Number(key), 1);
    else {
      const values = choice % 8 === 0 ? nasty : nasty.filter((value) => typeof value === typeof holder[key]);
      holder[key] = structuredClone(values[choice % values.length]);
    }
  }
  return copy;
}

/** As it comes off the wire: what the contract refuses never gets to media. */
function read<T>(message: string, raw: unknown): T | undefined {
  try {
    return readerOf(message)(raw, '') as T;
  } catch {
    return undefined;
  }
}

const allowed = new Set([
  'RTP_PARAMETERS_REFUSED',
  'DTLS_PARAMETERS_REFUSED',
  'CANNOT_CONSUME',
  'TRANSPORT_ALREADY_CONNECTED',
]);

describe.skipIf(!requireOrSkip('mediasoup'))('parameters made of garbage', () => {
  const outcomes = new Map<string, number>();
  const runs = { numRuns: 600, seed: 20_260_101 };

  /** Runs a call, which may succeed or be refused, and nothing else. */
  async function attempt<T>(call: Promise<T>): Promise<T | undefined> {
    const result = await call.catch((error: unknown) => error);
    const refused = result instanceof Error;
    const outcome = refused ? (result instanceof AppError ? result.reason : String(result)) : 'accepted';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (refused) expect(allowed).toContain(outcome);
    return refused ? undefined : (result as T);
  }

  async function workerOf(media: Media) {
    const { workers, workerDeaths } = await media.stats();
    expect(workerDeaths).toBe(0);
    return workers[0]!;
  }

  async function exercise(media: Media, room: RoomMedia): Promise<void> {
    const [ada, ben] = [createPeerId(), createPeerId()];
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.boolean(),
        edits,
        edits,
        edits,
        async (sound, phone, ofProducer, ofConsumer, ofDtls) => {
          const parameters = read<RtpParameters>(
            'RtpParameters',
            mutate(sound ? opusParameters() : vp8Parameters(), ofProducer),
          );
          const capabilities = read<RtpCapabilities>(
            'RtpCapabilities',
            mutate(phone ? opusOnly : media.rtpCapabilities, ofConsumer),
          );
          const dtls = read<DtlsParameters>(
            'DtlsParameters',
            mutate({ role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] }, ofDtls),
          );
          const sending = await room.createTransport(ada, { direction: 'send', rtpCapabilities: undefined });
          if (dtls) await attempt(room.connectTransport(ada, sending.transportId, dtls));
          const producer =
            parameters &&
            (await attempt(
              room.produce(ada, {
                transportId: sending.transportId,
                owner: 'ada',
                kind: sound ? 'audio' : 'video',
                source: sound ? 'microphone' : 'camera',
                rtpParameters: parameters,
                paused: false,
              }),
            ));
          const receiving =
            capabilities &&
            (await attempt(room.createTransport(ben, { direction: 'recv', rtpCapabilities: capabilities })));
          if (producer && receiving) {
            const { transportId } = receiving;
            const consumer = await attempt(room.consume(ben, { transportId, producerId: producer.producerId }));
            if (consumer) await room.resumeConsumer(ben, consumer.consumerId);
          }
          room.removePeer(ada);
          room.removePeer(ben);
        },
      ),
      runs,
    );
  }

  test('are refused with what is wrong, or work; the worker lives and keeps nothing of them', {
    timeout: 120_000,
  }, async () => {
    await using running = await startMedia();
    const { media } = running;
    const room = media.openRoom('garbage');
    await exercise(media, room);
    const before = await workerOf(media);
    await exercise(media, room);
    const after = await workerOf(media);

    expect(after.pid).toBe(before.pid);
    // The same again costs nothing more: what the first round left behind would be there twice.
    expect(after.residentBytes).toBeLessThan(before.residentBytes + 4 * 1024 * 1024);
    await expect.poll(running.countInWorkers).toEqual({ transports: 0, producers: 0, consumers: 0 });
    expect(room.epoch).toBe(1);
    // Garbage that is always refused at the door would prove nothing of what is behind it.
    for (const outcome of ['accepted', 'RTP_PARAMETERS_REFUSED', 'DTLS_PARAMETERS_REFUSED', 'CANNOT_CONSUME']) {
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(4);
    }
  });
});
