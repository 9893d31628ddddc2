import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { Emitter } from '../core/events.ts';
import type { EngineRouter, EngineTap, TapTarget } from './engine.ts';
import type { RoomTap, RoomTapEvents, RoomTapTrack } from './media.ts';
import type { RemoteTrack } from './nodes/remote-track.ts';
import type { RoomProducer } from './room-objects.ts';
import type { Stage } from './stage.ts';

/** Asks for the stage each time: a room that lost its worker has another. */
export function openRoomTap(stage: () => Stage, target: TapTarget): RoomTap {
  return new StageTap(stage, target);
}

/** Between tries to get a track of another node. */
const retryMs = 1_000;

/** What is tapped on one router, and what of it. */
interface RouterTap {
  readonly opened: Promise<EngineTap>;
  readonly producerIds: Set<string>;
  /** What each of its tracks asks of its sender. */
  readonly readings: Set<() => void>;
  /** Stops to wait for the end of its router. */
  readonly unsubscribe: () => void;
}

/** A tap for each router that tapped tracks stand on. */
class StageTap implements RoomTap {
  readonly events: Emitter<RoomTapEvents>;
  readonly #stage: () => Stage;
  readonly #target: TapTarget;
  readonly #taps = new Map<EngineRouter, RouterTap>();
  #closed = false;

  constructor(stage: () => Stage, target: TapTarget) {
    this.#stage = stage;
    this.#target = target;
    this.events = new Emitter((error, event) => {
      // Not asked before: there may be no stage at the moment.
      const { log, room } = stage().options;
      log.error({ err: error, room, event }, 'a listener of a tap failed');
    });
  }

  async add(producerId: string): Promise<RoomTapTrack> {
    const stage = this.#stage();
    const elsewhere = stage.remote?.get(producerId);
    return elsewhere === undefined
      ? this.#add(stage.producers.get(producerId), producerId)
      : this.#addCopy(elsewhere, stage.options.clock);
  }

  /** Tries again while the track is there and its node, or a worker here, is not. */
  async #addCopy(track: RemoteTrack, clock: Clock): Promise<RoomTapTrack> {
    const { producerId } = track.info;
    for (;;) {
      if (track.gone || this.#closed) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
      try {
        const copy = await track.take();
        const made = await this.#add(copy, producerId);
        if (!copy.closed) return this.#watch(track, made);
        made.close();
      } catch (error) {
        const isOver = error instanceof AppError && error.reason === 'CANNOT_CONSUME';
        if (isOver || track.gone || this.#closed) throw error;
      } finally {
        track.release();
      }
      await new Promise<void>((resolve) => clock.after(retryMs, resolve));
    }
  }

  #watch(track: RemoteTrack, made: RoomTapTrack): RoomTapTrack {
    const { producerId } = track.info;
    const stop = track.onceCopyEnds(() => {
      if (!track.gone && !this.#closed) this.events.emit('interrupted', { producerId });
    });
    return {
      ...made,
      close() {
        stop();
        made.close();
      },
    };
  }

  async #add(producer: RoomProducer | undefined, producerId: string): Promise<RoomTapTrack> {
    if (!producer || this.#closed) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const { router } = producer.transport;
    const routerTap = this.#tapOf(router);
    // Those of other nodes go on, whatever dies here.
    if (!producer.peer.isElsewhere) routerTap.producerIds.add(producerId);
    try {
      const tap = await routerTap.opened;
      const track = await tap.consume({ producerId, paused: true });
      if (this.#closed) {
        track.close();
        throw new AppError('PRODUCER_NOT_FOUND', { producerId });
      }
      // Its sender would stop what nobody shows.
      const release = producer.readWhole();
      routerTap.readings.add(release);
      return {
        rtpParameters: track.rtpParameters,
        localPort: tap.localPort,
        resume: () => track.resume(),
        requestKeyFrame: () => track.requestKeyFrame(),
        close() {
          routerTap.producerIds.delete(producerId);
          routerTap.readings.delete(release);
          release();
          // It ended with its producer: the worker would complain of the second end.
          if (!producer.closed) track.close();
        },
      };
    } catch (error) {
      routerTap.producerIds.delete(producerId);
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
    for (const { opened, readings, unsubscribe } of this.#taps.values()) {
      unsubscribe();
      for (const release of readings) release();
      closeWhenOpen(opened);
    }
    this.#taps.clear();
  }

  #tapOf(router: EngineRouter): RouterTap {
    const known = this.#taps.get(router);
    if (known) return known;
    const producerIds = new Set<string>();
    const unsubscribe = router.events.once('died', () => {
      this.#taps.delete(router);
      this.events.emit('lost', { producerIds: [...producerIds] });
    });
    const made: RouterTap = {
      opened: router.createTap(this.#target),
      producerIds,
      readings: new Set(),
      unsubscribe,
    };
    this.#taps.set(router, made);
    made.opened.catch(() => {
      unsubscribe();
      if (this.#taps.get(router) === made) this.#taps.delete(router);
    });
    return made;
  }
}

function closeWhenOpen(opened: Promise<EngineTap>): void {
  opened.then((tap) => tap.close()).catch(() => {});
}
