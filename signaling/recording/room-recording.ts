// One recording of one room: which tracks are in it, from when on, and why not.

import type { Logger } from '../../core/log.ts';
import type { RoomTap, RoomTapTrack } from '../../media/media.ts';
import type { RunningRecording } from '../../media/recorder.ts';
import { type RecordedCodec, recordedCodecs } from '../../media/recording/depacketize/create-depacketizer.ts';
import type { TrackEnd, TrackFacts } from '../../media/recording/journal.ts';
import type { TrackPlan } from '../../media/recording/recorder-protocol.ts';
import type { ProducerInfo, RtpParameters } from '../../proto/gen/types.ts';
import type { Member } from '../member.ts';
import type { Room } from '../room.ts';

/** Whoever publishes again and again makes a track each time: beyond this no more are recorded. */
export const maxTracks = 5_000;

interface RoomRecordingParts {
  readonly room: Pick<Room, 'media' | 'name'> & {
    readonly roster: { get(peerId: string): Pick<Member, 'identity' | 'name'> | undefined };
  };
  readonly running: RunningRecording;
  readonly log: Logger;
}

interface Track {
  readonly trackId: string;
  readonly peerId: string;
  /** As it is now. */
  producer: ProducerInfo;
  tap: RoomTapTrack | undefined;
  ended: boolean;
}

export class RoomRecording {
  readonly running: RunningRecording;
  readonly #parts: RoomRecordingParts;
  readonly #unsubscribes: (() => void)[];
  /** By producer. */
  readonly #tracks = new Map<string, Track>();
  #tap: RoomTap;
  #trackCount = 0;
  #closed = false;

  constructor(parts: RoomRecordingParts) {
    this.#parts = parts;
    this.running = parts.running;
    this.#tap = this.#openTap();
    const { events } = parts.room.media;
    const own = this.running.events;
    this.#unsubscribes = [
      events.on('producerAdded', ({ peerId, producer }) => this.#add(peerId, producer)),
      events.on('producerChanged', ({ producer }) => this.#changed(producer)),
      events.on('producerClosed', ({ producerId }) => this.#end(producerId, 'closed')),
      events.on('reset', ({ producers }) => {
        for (const { producerId } of producers) this.#end(producerId, 'worker');
      }),
      own.on('keyFrameWanted', ({ trackId }) => this.#requestKeyFrame(trackId)),
      own.on('moved', () => this.#moveOn()),
      own.once('stopping', () => this.close()),
    ];
    this.#addAll();
  }

  /** Tracks that are in it now. */
  get tracks(): number {
    return this.#tracks.size;
  }

  /** Lets go of the room; what runs is its owner's to stop. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    for (const producerId of [...this.#tracks.keys()]) this.#end(producerId, 'stopped');
    this.#tap.close();
  }

  #openTap(): RoomTap {
    const tap = this.#parts.room.media.openTap(this.running.target);
    tap.events.on('lost', ({ producerIds }) => {
      for (const producerId of producerIds) this.#end(producerId, 'worker');
    });
    tap.events.on('interrupted', ({ producerId }) => this.#addAgain(producerId));
    return tap;
  }

  #addAll(): void {
    for (const { peerId, producer } of this.#parts.room.media.allProducers()) this.#add(peerId, producer);
  }

  #add(peerId: string, producer: ProducerInfo): void {
    const { sources } = this.running.facts;
    if (this.#closed || this.#tracks.has(producer.producerId)) return;
    if (sources.length > 0 && !sources.includes(producer.source)) return;
    this.#trackCount += 1;
    // Names of files as well: in order, and telling of what.
    const trackId = `${String(this.#trackCount).padStart(3, '0')}-${producer.source}-${this.#generation}`;
    const track: Track = { trackId, peerId, producer, tap: undefined, ended: false };
    if (this.#trackCount > maxTracks) {
      if (this.#trackCount === maxTracks + 1) this.#tellFull(track);
      return;
    }
    this.#tracks.set(producer.producerId, track);
    this.#begin(track).catch((error: unknown) => {
      // Ended meanwhile, or with its worker: then it comes again.
      if (track.ended) return;
      const { log, room } = this.#parts;
      log.warn({ err: error, room: room.name, producerId: producer.producerId }, 'a track is not recorded');
      this.running.skipTrack({ ...this.#factsOf(track), codec: '' }, 'it could not be read');
      this.#end(producer.producerId, 'closed');
    });
  }

  /** It comes from another node, by another pipe from now on. */
  #addAgain(producerId: string): void {
    const track = this.#tracks.get(producerId);
    if (track === undefined) return;
    this.#end(producerId, 'worker');
    this.#add(track.peerId, track.producer);
  }

  /** Once: a line for each would be what the limit is against. */
  #tellFull(track: Track): void {
    const { log, room } = this.#parts;
    log.warn({ room: room.name, maxTracks }, 'a recording has too many tracks: no more are recorded');
    this.running.skipTrack({ ...this.#factsOf(track), codec: '' }, `the recording has ${maxTracks} tracks already`);
  }

  /** Of which recorder: another one makes files of its own. */
  get #generation(): string {
    return this.running.target.port.toString(36);
  }

  async #begin(track: Track): Promise<void> {
    const facts = this.#factsOf(track);
    const skip = (codec: string, problem: string) => this.running.skipTrack({ ...facts, codec }, problem);
    if (track.producer.encrypted) {
      skip('', 'it is end-to-end encrypted');
      return;
    }
    track.tap = await this.#tap.add(track.producer.producerId);
    if (track.ended) {
      track.tap.close();
      return;
    }
    const plan = toPlan(facts, track.tap);
    if ('problem' in plan) {
      track.tap.close();
      skip(plan.codec, plan.problem);
      return;
    }
    await this.running.addTrack(plan);
    if (track.ended) return;
    const why = pauseOf(track.producer);
    if (why) this.running.pauseTrack(track.trackId, why);
    await track.tap.resume();
  }

  #factsOf({ trackId, peerId, producer: { kind, source } }: Track): Omit<TrackFacts, 'codec'> {
    const peer = this.#parts.room.roster.get(peerId);
    return { trackId, peerId, identity: peer?.identity ?? '', name: peer?.name ?? '', source, kind };
  }

  #changed(producer: ProducerInfo): void {
    const track = this.#tracks.get(producer.producerId);
    if (!track) return;
    // Its size may be what changed.
    const before = pauseOf(track.producer);
    track.producer = producer;
    if (pauseOf(producer) !== before) this.running.pauseTrack(track.trackId, pauseOf(producer));
  }

  #end(producerId: string, why: TrackEnd): void {
    const track = this.#tracks.get(producerId);
    if (!track) return;
    this.#tracks.delete(producerId);
    track.ended = true;
    track.tap?.close();
    this.running.endTrack(track.trackId, why);
  }

  #requestKeyFrame(trackId: string): void {
    const track = [...this.#tracks.values()].find((one) => one.trackId === trackId);
    track?.tap?.requestKeyFrame().catch(() => {});
  }

  /** Another recorder listens elsewhere: all begin there anew. */
  #moveOn(): void {
    if (this.#closed) return;
    for (const track of this.#tracks.values()) {
      track.ended = true;
      track.tap?.close();
    }
    this.#tracks.clear();
    this.#tap.close();
    this.#tap = this.#openTap();
    this.#addAll();
  }
}

function pauseOf({ paused, muted }: ProducerInfo): 'paused' | 'muted' | undefined {
  return muted ? 'muted' : paused ? 'paused' : undefined;
}

function toPlan(
  facts: Omit<TrackFacts, 'codec'>,
  { rtpParameters, localPort }: { readonly rtpParameters: RtpParameters; readonly localPort: number },
): TrackPlan | { readonly problem: string; readonly codec: string } {
  const [codec] = rtpParameters.codecs;
  const name = codec?.mimeType.split('/')[1]?.toLowerCase() ?? '';
  const ssrc = rtpParameters.encodings[0]?.ssrc;
  if (!codec || ssrc === undefined) return { codec: name, problem: 'it has no packets' };
  if (!isRecorded(name)) return { codec: name, problem: `the codec ${codec.mimeType} cannot be recorded` };
  return {
    ...facts,
    codec: name,
    clockRate: codec.clockRate,
    channels: codec.channels ?? 1,
    tapPort: localPort,
    ssrc,
    payloadType: codec.payloadType,
  };
}

function isRecorded(name: string): name is RecordedCodec {
  return recordedCodecs.some((known) => known === name);
}
