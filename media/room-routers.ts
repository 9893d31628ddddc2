import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { EngineRouter, MediaEngine, PayloadTypes, RouterRequest } from './engine.ts';

/** Sets of payload types in one room, on however many workers; players of one browser version have the same. */
const maxSets = 16;
const retryAfterMs = 5_000;

interface Slot {
  readonly place: number;
  /** The payload types of an edge router, in words. */
  readonly set: string | undefined;
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

  /** The first of those that speak all codecs and stay as long as the room. */
  get common(): EngineRouter | undefined {
    for (const { made, set } of this.#slots.values()) if (made && set === undefined) return made;
    return undefined;
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
    const set = payloadTypes && wordsOf(payloadTypes);
    const key = set === undefined ? String(place) : `${place} ${set}`;
    const slot = this.#slots.get(key) ?? this.#open(key, { place, set, payloadTypes });
    slot.uses += 1;
    return slot.router;
  }

  release(router: EngineRouter): void {
    for (const [key, slot] of this.#slots) {
      if (slot.made !== router) continue;
      slot.uses -= 1;
      if (slot.uses > 0 || slot.set === undefined) return;
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

  #open(
    key: string,
    { place, set, payloadTypes }: Pick<Slot, 'place' | 'set'> & Pick<RouterRequest, 'payloadTypes'>,
  ): Slot {
    if (set !== undefined) this.#requireRoomFor(set);
    const slot: Slot = { place, set, router: this.#create(place, payloadTypes), made: undefined, uses: 0 };
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

  #requireRoomFor(set: string): void {
    const sets = new Set([...this.#slots.values()].flatMap((slot) => slot.set ?? []));
    if (sets.has(set) || sets.size < maxSets) return;
    throw new AppError('NODE_OVERLOADED', { what: 'sets of payload types in this room' }, { retryAfterMs });
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

function wordsOf(payloadTypes: PayloadTypes): string {
  return [...payloadTypes]
    .map(([codec, type]) => `${codec}=${type}`)
    .sort()
    .join(' ');
}
