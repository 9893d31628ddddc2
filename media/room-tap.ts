import { AppError } from '../core/errors.ts';
import { Emitter } from '../core/events.ts';
import type { EngineRouter, EngineTap, TapTarget } from './engine.ts';
import type { RoomTap, RoomTapEvents, RoomTapTrack } from './media.ts';
import type { RoomProducer } from './room-objects.ts';
import type { Stage } from './stage.ts';

/** Asks for the stage each time: a room that lost its worker has another. */
export function openRoomTap(stage: () => Stage, target: TapTarget): RoomTap {
  return new StageTap(stage, target);
}

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
    if (elsewhere === undefined) return this.#add(stage.producers.get(producerId), producerId);
    try {
      return await this.#add(await elsewhere.take(), producerId);
    } finally {
      elsewhere.release();
    }
  }

  async #add(producer: RoomProducer | undefined, producerId: string): Promise<RoomTapTrack> {
    if (!producer || this.#closed) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const { router } = producer.transport;
    const routerTap = this.#tapOf(router);
    routerTap.producerIds.add(producerId);
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
          track.close();
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
