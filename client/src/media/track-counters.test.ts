import { describe, expect, test } from 'vitest';
import { readStats, type StatsTrack, toTrackQuality } from './track-counters.ts';

/** Entries as a platform gives them. */
interface Entry {
  readonly id: string;
  readonly type: string;
  readonly [name: string]: unknown;
}
const reportOf = (...entries: Entry[]) =>
  new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
const received: StatsTrack = { producerId: 'producer', direction: 'recv', trackId: 'track' };
const sent: StatsTrack = { producerId: 'producer', direction: 'send', trackId: 'track' };

describe('what is received', () => {
  const inbound = {
    id: 'in',
    type: 'inbound-rtp',
    trackIdentifier: 'track',
    bytesReceived: 10_000,
    packetsReceived: 100,
    packetsLost: 0,
    jitter: 0.004,
    totalFreezesDuration: 0,
    framesDecoded: 30,
    framesPerSecond: 30,
    frameWidth: 640,
    frameHeight: 360,
  };
  const transport = { id: 'T', type: 'transport', selectedCandidatePairId: 'P' };
  const pair = { id: 'P', type: 'candidate-pair', currentRoundTripTime: 0.02, localCandidateId: 'L' };
  const local = { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'udp' };

  test('is what came between two readings, with the round trip of its path', () => {
    const before = readStats(reportOf(inbound, transport, pair, local), 'recv');
    const later = {
      ...inbound,
      bytesReceived: 72_500,
      packetsReceived: 190,
      packetsLost: 10,
      totalFreezesDuration: 0.5,
    };
    const now = readStats(reportOf(later, transport, pair, local), 'recv');
    expect(now.path).toBe('udp');
    expect(toTrackQuality(received, now.counters.get('track')!, before.counters.get('track')!, 5_000)).toEqual({
      producerId: 'producer',
      direction: 'recv',
      bitrate: 100_000,
      loss: 0.1,
      jitterMs: 4,
      rttMs: 20,
      freezeMs: 500,
      framesPerSecond: 30,
      score: 0,
      width: 640,
      height: 360,
    });
  });

  test('stood still where a platform does not count freezes, when packets came and no frame', () => {
    const { totalFreezesDuration: _, ...uncounted } = inbound;
    const read = (changes: object) => readStats(reportOf({ ...uncounted, ...changes }), 'recv').counters.get('track')!;
    const [first, still, silent] = [read({}), read({ packetsReceived: 150 }), read({})];
    expect(toTrackQuality(received, still, first, 5_000).freezeMs).toBe(5_000);
    expect(toTrackQuality(received, silent, first, 5_000).freezeMs).toBe(0);
  });

  test('that comes late is no loss below nothing', () => {
    const read = (packetsLost: number) =>
      readStats(reportOf({ ...inbound, packetsLost, packetsReceived: 100 + packetsLost }), 'recv').counters.get(
        'track',
      )!;
    expect(toTrackQuality(received, read(0), read(8), 5_000).loss).toBe(0);
  });
});

describe('what is sent', () => {
  const source = { id: 'S', type: 'media-source', trackIdentifier: 'track' };
  const layer = (id: string, bytesSent: number, frameHeight: number) => ({
    id,
    type: 'outbound-rtp',
    mediaSourceId: 'S',
    bytesSent,
    packetsSent: 10,
    frameHeight,
    framesPerSecond: 15,
  });
  const answer = {
    id: 'R',
    type: 'remote-inbound-rtp',
    localId: 'O2',
    fractionLost: 0.25,
    roundTripTime: 0.08,
    jitter: 0.01,
  };

  test('is all layers together, as lossy as its receiver says', () => {
    const before = readStats(reportOf(source, layer('O1', 0, 180), layer('O2', 0, 360), answer), 'send');
    const now = readStats(reportOf(source, layer('O1', 10_000, 180), layer('O2', 52_500, 360), answer), 'send');
    expect(toTrackQuality(sent, now.counters.get('track')!, before.counters.get('track')!, 5_000)).toMatchObject({
      bitrate: 100_000,
      loss: 0.25,
      rttMs: 80,
      jitterMs: 10,
      height: 360,
      framesPerSecond: 15,
    });
  });

  test('is not known before it is in the statistics', () => {
    expect(readStats(reportOf(source), 'send').counters.size).toBe(0);
  });
});

describe('the path', () => {
  const relayed = { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp' };

  test('goes through a relay, whatever the protocol to that is', () => {
    const pair = { id: 'P', type: 'candidate-pair', nominated: true, state: 'succeeded', localCandidateId: 'L' };
    expect(readStats(reportOf(pair, relayed), 'recv').path).toBe('relay');
  });

  test('is the pair that Firefox says is selected', () => {
    const other = { id: 'P1', type: 'candidate-pair', nominated: true, state: 'failed', localCandidateId: 'L' };
    const chosen = { id: 'P2', type: 'candidate-pair', selected: true, localCandidateId: 'L2' };
    const tcp = { id: 'L2', type: 'local-candidate', candidateType: 'host', protocol: 'tcp' };
    expect(readStats(reportOf(other, chosen, relayed, tcp), 'recv').path).toBe('tcp');
  });

  test('is not known before there is one', () => {
    expect(readStats(reportOf(), 'recv').path).toBe('');
  });
});
