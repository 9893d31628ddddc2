import type { TrackQuality } from '../../proto/gen/types.ts';
import { RoomConsumer } from '../room-consumer.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { Measure } from './measure.ts';
import { pictureScore, soundScore } from './score.ts';

/** What a client says of a track of its own. */
export interface Claim {
  readonly track: TrackQuality;
  /** Over how long its freezes were counted. */
  readonly intervalMs: number;
}

/** A sender of a camera that brings fewer frames is in trouble; in the dark cameras halve their 30. */
const fewFramesPerSecond = 12;

/** A track as it is now; undefined while nothing is to flow. */
export function qualityOf(
  track: RoomProducer | RoomConsumer,
  measured: Measure | undefined,
  claim: Claim | undefined,
): TrackQuality | undefined {
  const isReceived = track instanceof RoomConsumer;
  const producer = isReceived ? track.producer : track;
  if (producer.info.paused || producer.wantedLayer === -1 || (isReceived && !track.flows)) return undefined;
  if (!measured) return undefined;
  const claimed = claim?.track;
  // What the engine measured counts; a client's word is added where the engine cannot know, and can only make it worse.
  const known: Omit<TrackQuality, 'score'> = {
    producerId: producer.id,
    direction: isReceived ? 'recv' : 'send',
    bitrate: Math.round(measured.bitrate),
    loss: Math.max(measured.loss ?? 0, isReceived ? (claimed?.loss ?? 0) : 0),
    jitterMs: Math.max(measured.jitterMs ?? 0, isReceived ? (claimed?.jitterMs ?? 0) : 0),
    rttMs: measured.rttMs ?? claimed?.rttMs ?? 0,
    freezeMs: isReceived ? (claimed?.freezeMs ?? 0) : 0,
    framesPerSecond: claimed?.framesPerSecond ?? 0,
    width: claimed?.width ?? 0,
    height: claimed?.height ?? 0,
  };
  return { ...known, score: scoreOf(known, track, claim?.intervalMs) };
}

function scoreOf(
  known: Omit<TrackQuality, 'score'>,
  track: RoomProducer | RoomConsumer,
  claimedForMs: number | undefined,
): number {
  const isReceived = track instanceof RoomConsumer;
  const { kind, source } = isReceived ? track.producer : track;
  const score =
    kind === 'audio'
      ? soundScore(known)
      : pictureScore({
          ...known,
          freezeShare: claimedForMs ? Math.min(known.freezeMs / claimedForMs, 1) : 0,
          layerShare: isReceived ? layerShareOf(track) : source === 'camera' ? frameShareOf(known) : 1,
        });
  return Math.round(score * 100) / 100;
}

/** Against what was asked for: a thumbnail that comes as a thumbnail is as good as it can be. */
function layerShareOf(consumer: RoomConsumer): number {
  const { spatial } = consumer.engine.layers;
  if (spatial === 1) return 1;
  const wanted = consumer.shownLayers?.spatialLayer ?? spatial - 1;
  // The sender stops layers that nobody shows.
  const sent = consumer.producer.wantedLayer ?? spatial - 1;
  return (consumer.layersNow.spatialLayer + 1) / (Math.max(Math.min(wanted, sent, spatial - 1), 0) + 1);
}

function frameShareOf({ framesPerSecond }: { readonly framesPerSecond: number }): number {
  return framesPerSecond === 0 ? 1 : Math.min(framesPerSecond / fewFramesPerSecond, 1);
}
