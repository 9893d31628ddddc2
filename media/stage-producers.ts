// The producers of a stage: what peers send, and what moderators allow of it.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { ProducerInfo, RtpParameters } from '../proto/gen/types.ts';
import type { EngineTransport } from './engine.ts';
import type { MediaKind, PixelSize, ProduceRequest, TrackSource } from './media.ts';
import { lockableOf, sharesLock } from './mutes.ts';
import { refuseRtp } from './parameter-checks.ts';
import type { PeerMedia } from './peer-media.ts';
import { RoomProducer, type TrackOrigin } from './room-objects.ts';
import { checkRtpParameters } from './rtp-parameters.ts';
import type { Stage } from './stage.ts';

const kindOf: Readonly<Record<TrackSource, MediaKind>> = {
  microphone: 'audio',
  'screen-audio': 'audio',
  camera: 'video',
  screen: 'video',
};

export async function produce(stage: Stage, peerId: PeerId, request: ProduceRequest): Promise<ProducerInfo> {
  const { transportId } = request;
  const peer = stage.peer(peerId);
  const transport = peer.transports.require(transportId);
  if (transport.receives) throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
  return produceOn(stage, peer, request, {
    from: transport,
    create: (options) => transport.engine.produce(options),
    requireOrigin: () => void peer.transports.require(transportId),
  });
}

interface Origin {
  readonly from: TrackOrigin;
  readonly create: EngineTransport['produce'];
  /** Throws when it is gone. */
  readonly requireOrigin: () => void;
}

/** A track of a peer from wherever it comes: what is allowed and who is told does not depend on that. */
export async function produceOn(
  stage: Stage,
  peer: PeerMedia,
  { kind, owner, source, rtpParameters, replaces, ...request }: Omit<ProduceRequest, 'transportId'>,
  { from, create, requireOrigin }: Origin,
): Promise<ProducerInfo> {
  const peerId = peer.id;
  const { admission, engine, events, mutes, policies } = stage.options;
  // Grants go by source: a picture must not pass as a microphone.
  if (kind !== kindOf[source]) refuseRtp(`a ${source} is not ${kind}`);
  checkRtpParameters(kind, rtpParameters, engine.rtpCapabilities);
  admission.requireToSend(peerId, kind, source);

  // Before, only what is in the way: the worker refuses a second use of an SSRC or mid. The rest goes once the new one
  // is there, so that one that is refused costs nothing; of two calls under way the later one stays.
  closeSource(stage, peer, source, (running) => sharesStream(running.rtpParameters, rtpParameters));
  const producer = await peer.producers.make({
    create: async () => {
      const enginePaused = request.paused || mutes.get({ peerId, owner, source }) !== 'none';
      return new RoomProducer({
        engine: await create({ kind, rtpParameters, paused: enginePaused }),
        peer,
        transport: from,
        kind,
        owner,
        source,
        rtpParameters,
        mutes,
        pausedByOwner: request.paused,
        size: request.size,
        encrypted: request.encrypted ?? false,
        enginePaused,
        onChanged: (changed) => {
          policies.tell('producerChanged', changed);
          events.emit('producerChanged', { peerId, producer: changed.info });
        },
        onReaders: (read) => policies.tell('producerChanged', read),
      });
    },
    requireWanted: () => {
      peer.requireHere();
      requireOrigin();
    },
    admit: (made) => {
      closeSource(stage, peer, source, (running) => running !== made && running.id !== replaces);
      stage.producers.set(made.id, made);
      from.producers.add(made);
      policies.tell('producerAdded', made);
      const replaced = peer.producers.values().find(({ id }) => id === replaces);
      events.emit('producerAdded', {
        peerId,
        producer: made.info,
        ...(replaced?.source === source && { replaces: replaced.id }),
      });
    },
  });
  // A moderator may have muted the source during the wait.
  await producer.apply();
  return producer.info;
}

export async function pauseProducer(stage: Stage, peerId: PeerId, producerId: string): Promise<void> {
  await stage.peer(peerId).producers.require(producerId).setPausedByOwner(true);
}

export async function resumeProducer(stage: Stage, peerId: PeerId, producerId: string): Promise<void> {
  const { mutes } = stage.options;
  const producer = stage.peer(peerId).producers.require(producerId);
  if (mutes.get(producer.track) === 'locked') throw new AppError('PRODUCER_LOCKED');
  mutes.unmute(producer.track);
  await producer.setPausedByOwner(false);
}

export function setProducerSize(stage: Stage, peerId: PeerId, producerId: string, size: PixelSize): void {
  stage.peer(peerId).producers.require(producerId).size = size;
}

export function lockableAt(stage: Stage, producerId: string): ReturnType<typeof lockableOf> | undefined {
  const producer = stage.producers.get(producerId);
  return producer && !producer.peer.isElsewhere ? lockableOf(producer.track) : undefined;
}

/** Mutes or locks are others now. */
export async function applyMutes(stage: Stage): Promise<void> {
  const own = [...stage.producers.values()].filter(({ peer }) => !peer.isElsewhere);
  await Promise.all(own.map((producer) => producer.apply()));
}

export async function muteProducer(
  stage: Stage,
  producerId: string,
  { muted, lock }: { muted: boolean; lock: boolean },
): Promise<void> {
  const producer = stage.producers.get(producerId);
  // A copy follows what its own node decides.
  if (!producer || producer.peer.isElsewhere) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
  const { mutes } = stage.options;
  const producers = [...stage.producers.values()];
  if (muted && lock) {
    mutes.lock(producer.track);
  } else {
    // A lock that becomes a mute becomes one of each track that it held for, and ends for all that are to come.
    const wasLocked = mutes.get(producer.track) === 'locked';
    mutes.unlock(producer.track);
    for (const { track } of wasLocked
      ? producers.filter((other) => sharesLock(other.track, producer.track))
      : [producer]) {
      if (muted) mutes.mute(track);
      else mutes.unmute(track);
    }
  }
  // A lock holds for more than this producer, and may end the oldest one of somebody else.
  await Promise.all(producers.map((other) => other.apply()));
}

function closeSource(
  stage: Stage,
  peer: PeerMedia,
  source: TrackSource,
  isInTheWay: (producer: RoomProducer) => boolean,
): void {
  for (const producer of peer.producers.values()) {
    if (producer.source === source && isInTheWay(producer)) stage.closeProducer(producer);
  }
}

function sharesStream(one: RtpParameters, other: RtpParameters): boolean {
  if (one.mid !== undefined && one.mid === other.mid) return true;
  const ssrcs = new Set(ssrcsOf(one));
  return ssrcsOf(other).some((ssrc) => ssrcs.has(ssrc));
}

function ssrcsOf({ encodings }: RtpParameters): number[] {
  return encodings.flatMap(({ ssrc, rtx }) => [ssrc, rtx?.ssrc]).filter((ssrc) => ssrc !== undefined);
}
