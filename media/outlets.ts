import type { EnginePipe, EngineRouter } from './engine.ts';
import type { RoomProducer } from './room-objects.ts';

interface Outlet {
  readonly pipe: Promise<EnginePipe>;
  made: EnginePipe | undefined;
  /** Consumers there, the ones being made included. */
  uses: number;
}

/** Where the producers of a room can be consumed besides their own router. A track is piped to a router once, while it is used there. */
export class Outlets {
  readonly #outlets = new Map<RoomProducer, Map<EngineRouter, Outlet>>();

  /** Pipes that stand or are being made. */
  get size(): number {
    return [...this.#outlets.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * What the producer is called on a router, piping it there when it is not. Each consumer takes once, and releases once if
   * this resolved. @throws {AppError} PRODUCER_NOT_FOUND, CANNOT_CONSUME, MEDIA_UNAVAILABLE
   */
  async take(producer: RoomProducer, router: EngineRouter): Promise<string> {
    const home = producer.transport.router;
    if (home === router) return producer.id;
    const outlet = this.#outlets.get(producer)?.get(router) ?? this.#open(producer, router);
    outlet.uses += 1;
    return (await outlet.pipe).producerId;
  }

  release(producer: RoomProducer, router: EngineRouter): void {
    const outlet = this.#outlets.get(producer)?.get(router);
    if (!outlet) return;
    outlet.uses -= 1;
    this.#closeUnused(producer, router, outlet);
  }

  /** Pipes close with their original by themselves. */
  dropProducer(producer: RoomProducer): void {
    this.#outlets.delete(producer);
  }

  /** The router is gone, with all that came to it. */
  dropRouter(router: EngineRouter): void {
    for (const producer of [...this.#outlets.keys()]) this.#forget(producer, router);
  }

  #open(producer: RoomProducer, router: EngineRouter): Outlet {
    const outlet: Outlet = { pipe: producer.transport.router.pipe(producer.id, router), made: undefined, uses: 0 };
    const ofProducer = this.#outlets.get(producer) ?? new Map<EngineRouter, Outlet>();
    this.#outlets.set(producer, ofProducer.set(router, outlet));
    outlet.pipe.then(
      (pipe) => {
        outlet.made = pipe;
        this.#closeUnused(producer, router, outlet);
      },
      // Whoever waits for it hears why; the next one tries again.
      () => this.#forget(producer, router, outlet),
    );
    return outlet;
  }

  /** One that is still being made is closed when it comes, unless it is used again by then. */
  #closeUnused(producer: RoomProducer, router: EngineRouter, outlet: Outlet): void {
    if (outlet.uses > 0 || !outlet.made) return;
    this.#forget(producer, router, outlet);
    outlet.made.close();
  }

  #forget(producer: RoomProducer, router: EngineRouter, outlet?: Outlet): void {
    const ofProducer = this.#outlets.get(producer);
    if (!ofProducer || (outlet && ofProducer.get(router) !== outlet)) return;
    ofProducer.delete(router);
    if (ofProducer.size === 0) this.#outlets.delete(producer);
  }
}
