// What the platform's statistics (https://www.w3.org/TR/webrtc-stats/) say of single tracks, from one report for a whole
// connection: a report for each track would be many times the work.

import type { QualityReport, TrackQuality } from '../../../proto/gen/types.ts';

/** A track as its statistics name it. */
export interface StatsTrack {
  readonly producerId: string;
  readonly direction: 'send' | 'recv';
  /** Of the MediaStreamTrack. */
  readonly trackId: string;
}

/** Counters since the start, and what is so now. */
export interface TrackCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly framesDecoded: number;
  /** Undefined: the platform does not count it. */
  readonly freezeSeconds: number | undefined;
  /** Of what is sent, as its receiver says. */
  readonly fractionLost: number;
  readonly jitterMs: number;
  readonly rttMs: number;
  readonly framesPerSecond: number;
  readonly width: number;
  readonly height: number;
}

/** As much of all kinds of entries as is read here. */
interface Entry {
  readonly id: string;
  readonly type: string;
  readonly trackIdentifier?: string;
  /** Of libwebrtc before 2023, which has entries for tracks. */
  readonly trackId?: string;
  readonly mediaSourceId?: string;
  readonly localId?: string;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly fractionLost?: number;
  readonly jitter?: number;
  readonly roundTripTime?: number;
  readonly currentRoundTripTime?: number;
  readonly totalFreezesDuration?: number;
  readonly framesDecoded?: number;
  readonly framesPerSecond?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly nominated?: boolean;
  readonly selected?: boolean;
  readonly state?: string;
  readonly candidateType?: string;
  readonly protocol?: string;
}

export interface ReadStats {
  /** By track id; of tracks that nothing is known of yet, nothing. */
  readonly counters: ReadonlyMap<string, TrackCounters>;
  readonly path: QualityReport['path'];
}

export function readStats(report: RTCStatsReport, direction: 'send' | 'recv'): ReadStats {
  const entries = new Map<string, Entry>();
  report.forEach((entry: Entry, id: string) => {
    entries.set(id, entry);
  });
  const pair = selectedPair(entries);
  const pathRttMs = toMs(pair?.currentRoundTripTime);
  const streams = new Map<string, Entry[]>();
  for (const entry of entries.values()) {
    if (entry.type !== (direction === 'send' ? 'outbound-rtp' : 'inbound-rtp')) continue;
    const trackId = trackIdOf(entry, entries);
    if (trackId !== undefined) streams.set(trackId, [...(streams.get(trackId) ?? []), entry]);
  }
  const counters = new Map<string, TrackCounters>();
  for (const [trackId, own] of streams) {
    const remote = [...entries.values()].filter(
      ({ type, localId }) => type === 'remote-inbound-rtp' && own.some(({ id }) => id === localId),
    );
    counters.set(trackId, toCounters(own, remote, pathRttMs));
  }
  return { counters, path: pathOf(pair, entries) };
}

/** What happened between two readings, `score` not known. */
export function toTrackQuality(
  { producerId, direction }: StatsTrack,
  now: TrackCounters,
  before: TrackCounters,
  intervalMs: number,
): TrackQuality {
  const packets = now.packets - before.packets;
  const lost = Math.max(now.lost - before.lost, 0);
  return {
    producerId,
    direction,
    bitrate: Math.round((Math.max(now.bytes - before.bytes, 0) * 8000) / intervalMs),
    loss: direction === 'send' ? now.fractionLost : share(lost, packets + lost),
    jitterMs: now.jitterMs,
    rttMs: now.rttMs,
    freezeMs: Math.round(frozenMs(now, before, packets, intervalMs)),
    framesPerSecond: now.framesPerSecond,
    score: 0,
    width: now.width,
    height: now.height,
  };
}

function frozenMs(now: TrackCounters, before: TrackCounters, packets: number, intervalMs: number): number {
  if (now.freezeSeconds !== undefined) return Math.max(now.freezeSeconds - (before.freezeSeconds ?? 0), 0) * 1000;
  const stands = before.framesDecoded > 0 && now.framesDecoded === before.framesDecoded && packets > 0;
  return stands ? intervalMs : 0;
}

/** A simulcast has a stream for each layer: they are added up, and the largest picture counts. */
function toCounters(own: readonly Entry[], remote: readonly Entry[], pathRttMs: number): TrackCounters {
  const freezes = own.map(({ totalFreezesDuration }) => totalFreezesDuration).filter((value) => value !== undefined);
  return {
    bytes: total(own, ({ bytesSent, bytesReceived }) => bytesSent ?? bytesReceived),
    packets: total(own, ({ packetsSent, packetsReceived }) => packetsSent ?? packetsReceived),
    lost: total(own, ({ packetsLost }) => packetsLost),
    framesDecoded: total(own, ({ framesDecoded }) => framesDecoded),
    freezeSeconds: freezes.length > 0 ? freezes.reduce((sum, value) => sum + value, 0) : undefined,
    fractionLost: Math.min(
      most(remote, ({ fractionLost }) => fractionLost),
      1,
    ),
    jitterMs: toMs(most([...own, ...remote], ({ jitter }) => jitter)),
    rttMs: toMs(most(remote, ({ roundTripTime }) => roundTripTime)) || pathRttMs,
    framesPerSecond: most(own, ({ framesPerSecond }) => framesPerSecond),
    width: most(own, ({ frameWidth }) => frameWidth),
    height: most(own, ({ frameHeight }) => frameHeight),
  };
}

function trackIdOf(stream: Entry, entries: ReadonlyMap<string, Entry>): string | undefined {
  const named = stream.trackIdentifier ?? entries.get(stream.mediaSourceId ?? '')?.trackIdentifier;
  return named ?? entries.get(stream.trackId ?? '')?.trackIdentifier;
}

function selectedPair(entries: ReadonlyMap<string, Entry>): Entry | undefined {
  const all = [...entries.values()];
  const chosen = all.find(({ selectedCandidatePairId }) => selectedCandidatePairId !== undefined);
  if (chosen?.selectedCandidatePairId !== undefined) return entries.get(chosen.selectedCandidatePairId);
  const pairs = all.filter(({ type }) => type === 'candidate-pair');
  // Firefox names the pair itself, and no platform has two that are nominated and up.
  return pairs.find(({ selected }) => selected) ?? pairs.find((pair) => pair.nominated && pair.state === 'succeeded');
}

function pathOf(pair: Entry | undefined, entries: ReadonlyMap<string, Entry>): QualityReport['path'] {
  const local = entries.get(pair?.localCandidateId ?? '');
  if (local?.candidateType === 'relay') return 'relay';
  return local?.protocol === 'udp' || local?.protocol === 'tcp' ? local.protocol : '';
}

function total(entries: readonly Entry[], read: (entry: Entry) => number | undefined): number {
  return entries.reduce((sum, entry) => sum + (read(entry) ?? 0), 0);
}

function most(entries: readonly Entry[], read: (entry: Entry) => number | undefined): number {
  return entries.reduce((highest, entry) => Math.max(highest, read(entry) ?? 0), 0);
}

function toMs(seconds: number | undefined): number {
  return Math.round((seconds ?? 0) * 10_000) / 10;
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
