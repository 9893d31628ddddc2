import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { EngineRouter, MediaEngine, PayloadTypes } from './engine.ts';

/** Besides the router on each worker; players of one browser version share one. */
const maxEdgeRouters = 16;
const retryAfterMs = 5_000;

interface Slot {
  readonly place: number;
  readonly isEdge: boolean;
  readonly router: Promise<EngineRouter>;
  made: EngineRouter | undefined;
  /** Transports on it, the ones being made included. */
  uses: number;
}

interface RoomRoutersParts {
  readonly engine: Pick<MediaEngine, 'createRouter'>;
  readonly room: string;
  readonly log: Logger;
  readonly onMade: (router: EngineRouter) => void;
  /** Told of an edge router that nobody uses any more; not of those that end with the room. */
  readonly onClosed: (router: EngineRouter) => void;
  /** Told once of all routers that went with a worker. */
  readonly onDied: (routers: readonly EngineRouter[]) => void;
}

/**
 * The routers of one room: at most one on each worker, and edge routers for clients that have fixed payload types. An edge
 * router closes when nobody uses it; the others stay as long as the room, and cost nothing at rest.
 */
export class RoomRouters {
  readonly #parts: RoomRoutersParts;
  readonly #slots = new Map<string, Slot>();
  #ended: AppError | undefined;

  constructor(parts: RoomRoutersParts) {
    this.#parts = parts;
  }

  /** Routers that are there, the ones being made left out. */
  get all(): readonly EngineRouter[] {
    return [...this.#slots.values()].flatMap(({ made }) => (made ? [made] : []));
  }

  /** Where the room stands or is about to. */
  get places(): readonly number[] {
    return [...new Set([...this.#slots.values()].map(({ place }) => place))];
  }

  /**
   * The router of a place, made at the first call. Callers that come while it is being made share it. Each releases it once,
   * if this resolved. @throws {AppError} MEDIA_UNAVAILABLE; NODE_OVERLOADED for too many sets of payload types.
   */
  async take(place: number, payloadTypes?: PayloadTypes): Promise<EngineRouter> {
    if (this.#ended) throw this.#ended;
    const key = keyOf(place, payloadTypes);
    const slot = this.#slots.get(key) ?? this.#open(key, place, payloadTypes);
    slot.uses += 1;
    return slot.router;
  }

  release(router: EngineRouter): void {
    for (const [key, slot] of this.#slots) {
      if (slot.made !== router) continue;
      slot.uses -= 1;
      if (slot.uses > 0 || !slot.isEdge) return;
      this.#slots.delete(key);
      router.close();
      this.#parts.onClosed(router);
    }
  }

  /** Closes them. One that is still being made is closed when it comes, and its callers fail with the reason. */
  end(reason: AppError): void {
    this.#ended = reason;
    for (const { made } of this.#slots.values()) made?.close();
    this.#slots.clear();
  }

  #open(key: string, place: number, payloadTypes: PayloadTypes | undefined): Slot {
    const isEdge = payloadTypes !== undefined;
    if (isEdge && [...this.#slots.values()].filter((slot) => slot.isEdge).length >= maxEdgeRouters) {
      const what = 'sets of payload types in this room';
      throw new AppError('NODE_OVERLOADED', { what }, { retryAfterMs });
    }
    const slot: Slot = { place, isEdge, router: this.#create(place, payloadTypes), made: undefined, uses: 0 };
    this.#slots.set(key, slot);
    slot.router.then(
      (router) => {
        slot.made = router;
      },
      () => {
        if (this.#slots.get(key) === slot) this.#slots.delete(key);
      },
    );
    return slot;
  }

  async #create(place: number, payloadTypes: PayloadTypes | undefined): Promise<EngineRouter> {
    const { engine, log, onMade, room } = this.#parts;
    const router = await engine.createRouter({ place, payloadTypes });
    if (this.#ended) {
      router.close();
      throw this.#ended;
    }
    const { workerPid } = router;
    log.info({ room, workerPid, place, edge: payloadTypes !== undefined }, 'room has a media router');
    router.events.once('died', () => this.#died(workerPid));
    onMade(router);
    return router;
  }

  /** Each router tells of its own; the first one stands for all that went with it. */
  #died(workerPid: number): void {
    const gone = [...this.#slots].filter(([, { made }]) => made?.workerPid === workerPid);
    for (const [key] of gone) this.#slots.delete(key);
    const routers = gone.flatMap(([, { made }]) => (made ? [made] : []));
    if (routers.length > 0) this.#parts.onDied(routers);
  }
}

function keyOf(place: number, payloadTypes: PayloadTypes | undefined): string {
  if (!payloadTypes) return String(place);
  const types = [...payloadTypes].map(([codec, type]) => `${codec}=${type}`);
  return [place, ...types.sort()].join(' ');
}
