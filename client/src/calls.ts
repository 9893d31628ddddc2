import type { MethodName, Methods } from '../../proto/gen/types.ts';
import type { ServerMessage } from './codec/codec.ts';
import { type ParleyError, sdkError } from './errors.ts';

/** Below what a server allows by default; more at once is an application that does not wait for anything. */
const maxOpenCalls = 48;

export interface CallOptions<M extends MethodName, T> {
  readonly timeoutMs?: number;
  /**
   * Reads the answer in the very order of the connection's frames: before any event that came after it, and with no
   * promise in between. What it returns is what the call resolves with.
   */
  readonly apply?: (response: Methods[M]['response']) => T;
}

interface OpenCall {
  readonly method: MethodName;
  /** True where the caller must get to see the answer before later frames are read. */
  readonly holdsFrames: boolean;
  resolve(result: object): void;
  reject(error: ParleyError): void;
  /** Leaves the answer open for good: nobody has it. */
  discard(): void;
}

/** The calls of one connection that wait for their answers. */
export class OpenCalls {
  readonly #calls = new Map<number, OpenCall>();
  #lastId = 0;

  /** @throws {ParleyError} TOO_MANY_CALLS */
  add<M extends MethodName, T>(
    method: M,
    { timeoutMs, apply }: { timeoutMs: number } & CallOptions<M, T>,
  ): { id: number; answer: Promise<T> } {
    if (this.#calls.size >= maxOpenCalls) throw sdkError('TOO_MANY_CALLS');
    // Ids of protobuf frames are 32 bits wide and not 0; after four billion calls the first ones have been answered.
    this.#lastId = (this.#lastId % 0xffffffff) + 1;
    const id = this.#lastId;
    const answer = new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(sdkError('CALL_TIMEOUT')), timeoutMs);
      this.#calls.set(id, {
        method,
        holdsFrames: apply !== undefined,
        resolve(result) {
          clearTimeout(timer);
          try {
            resolve(apply ? apply(result as Methods[M]['response']) : (result as T));
          } catch (error) {
            reject(error as Error);
          }
        },
        reject(error) {
          clearTimeout(timer);
          reject(error);
        },
        discard: () => clearTimeout(timer),
      });
    });
    return { id, answer };
  }

  get areWaiting(): boolean {
    return this.#calls.size > 0;
  }

  methodOf(id: number): MethodName | undefined {
    return this.#calls.get(id)?.method;
  }

  /** Answers a call; answers that nobody waits for (any more) are dropped. Says whether later frames must wait a moment. */
  settle(message: Extract<ServerMessage, { kind: 'result' | 'error' }>): { holdsFrames: boolean } {
    const call = this.#take(message.id);
    if (message.kind === 'result') call?.resolve(message.result);
    else call?.reject(message.error);
    return { holdsFrames: call?.holdsFrames ?? false };
  }

  rejectAll(error: ParleyError): void {
    for (const id of [...this.#calls.keys()]) this.#take(id)?.reject(error);
  }

  /** For a call that was never sent. */
  forget(id: number): void {
    this.#take(id)?.discard();
  }

  #take(id: number): OpenCall | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    return call;
  }
}
