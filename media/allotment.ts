import { AppError, type ErrorReason } from '../core/errors.ts';

interface AllotmentOptions {
  /** How many there may be at once, the ones being made included. */
  readonly limit: number;
  /** Plural, for the error at the limit. */
  readonly what: string;
  readonly notFound: ErrorReason;
  /** The detail that `notFound` names the id by. */
  readonly idName: string;
}

interface Making<T> {
  create(): Promise<T>;
  /** Throws when what the object is made for is gone. */
  requireWanted(): void;
  /** Enters the object where it is looked for. Nothing happens between this and the last `requireWanted`. */
  admit(object: T): void;
}

/** The objects of one kind that one peer has: bounded, and found by nobody else. */
export class Allotment<T extends { readonly id: string; readonly engine: { close(): void } }> {
  readonly #options: AllotmentOptions;
  readonly #objects = new Map<string, T>();
  #inTheMaking = 0;

  constructor(options: AllotmentOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#objects.size;
  }

  values(): T[] {
    return [...this.#objects.values()];
  }

  /** @throws {AppError} for an id that is not here, be it nobody's or another peer's. */
  require(id: string): T {
    const object = this.#objects.get(id);
    if (!object) throw new AppError(this.#options.notFound, { [this.#options.idName]: id });
    return object;
  }

  /**
   * Makes one more. What it is made for may go while the engine works; then it is closed again and the call fails.
   * `requireWanted` has the first word when making fails too, for the engine knows less of the reason.
   * @throws {AppError} TOO_MANY_MEDIA_OBJECTS
   */
  async make({ create, requireWanted, admit }: Making<T>): Promise<T> {
    const { limit, what } = this.#options;
    if (this.#objects.size + this.#inTheMaking >= limit) throw new AppError('TOO_MANY_MEDIA_OBJECTS', { limit, what });
    this.#inTheMaking += 1;
    try {
      const object = await create().catch((error: unknown) => {
        requireWanted();
        throw error;
      });
      try {
        requireWanted();
      } catch (error) {
        object.engine.close();
        throw error;
      }
      this.#objects.set(object.id, object);
      admit(object);
      return object;
    } finally {
      this.#inTheMaking -= 1;
    }
  }

  remove(object: T): void {
    this.#objects.delete(object.id);
  }
}
