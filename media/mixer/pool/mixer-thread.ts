// A mixer thread as the main loop sees it: calls find their answers, and events their leg.

import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../../core/clock.ts';
import { mediaUnavailable } from '../../unavailable.ts';
import type { FromMixer, LegEvent, LegSettings, MixerCalls, MixerFigures, MixerMethod } from '../thread/mixer-calls.ts';

// The compiled file needs no loader; the sources do.
const inSources = import.meta.url.endsWith('.ts');
export const mixerEntry = new URL(inSources ? '../thread/boot.mjs' : '../thread/main.js', import.meta.url);

const startWithinMs = 60_000;
const endWithinMs = 5_000;

/** What a call to the thread failed of: `code` is the system's, as EADDRINUSE, or empty. */
export class MixerFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'MixerFailure';
    this.code = code;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

interface MixerThreadParts {
  readonly place: number;
  readonly entry: URL;
  readonly clock: Clock;
  readonly onEvent: (leg: number, event: LegEvent) => void;
  /** Something ended there that is no leg. */
  readonly onFailed: (error: Error) => void;
  /** Told once, of a thread that was started and not closed. */
  readonly onDied: (cause: unknown) => void;
}

const atRest: MixerFigures = { legs: 0, rooms: 0, lateMsP50: 0, lateMsP99: 0, cpuSeconds: 0 };

export class MixerThread {
  readonly place: number;
  figures: MixerFigures = atRest;
  tapPort = 0;
  originPort = 0;
  readonly #parts: MixerThreadParts;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #isOver = false;
  #cause: unknown;
  /** Undefined from when it is ready on. */
  #ready: Waiting | undefined;

  private constructor(parts: MixerThreadParts) {
    this.#parts = parts;
    this.place = parts.place;
    // The parent's loaders and inspectors are not for the worker.
    this.#worker = new Worker(parts.entry, inSources ? { execArgv: [] } : {});
    // A server that has nothing else to do ends; nothing is lost with the thread.
    this.#worker.unref();
    this.#worker.on('message', (message: FromMixer) => this.#take(message));
    this.#worker.on('error', (error) => {
      this.#cause = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end();
        resolve();
      });
    });
  }

  /** @throws {Error} when it does not start. */
  static async start(parts: MixerThreadParts): Promise<MixerThread> {
    const thread = new MixerThread(parts);
    let late: Timer | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        thread.#ready = { resolve: () => resolve(), reject };
        late = parts.clock.after(startWithinMs, () => reject(new Error('a mixer thread did not start in time')));
      });
    } catch (error) {
      await thread.#terminate();
      throw error;
    } finally {
      late?.cancel();
    }
    return thread;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** @throws {MixerFailure}; {AppError} MEDIA_UNAVAILABLE when the thread is gone. */
  call<Method extends MixerMethod>(
    method: Method,
    ...args: Parameters<MixerCalls[Method]>
  ): Promise<Awaited<ReturnType<MixerCalls[Method]>>> {
    return this.#call(method, args, []);
  }

  /**
   * A leg goes on in another thread. One tells the other: the main loop may be busy, and nobody hears the leg meanwhile.
   *
   * @throws as {@link MixerThread.call}; the leg is in neither then, or in that one.
   */
  async passLeg(leg: number, settings: LegSettings, to: MixerThread): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    try {
      const taken = to.#call('takeLeg', [leg, settings, port2], [port2]);
      await Promise.all([taken, this.#call('passLeg', [leg, port1], [port1])]);
    } catch (error) {
      // An end that its thread was not there to take: the other one waits for it.
      port1.close();
      port2.close();
      throw error;
    }
  }

  /** Nobody waits for the answer: what is not there any more needs no telling. */
  tell<Method extends MixerMethod>(method: Method, ...args: Parameters<MixerCalls[Method]>): void {
    if (!this.#isOver) this.#worker.postMessage({ id: 0, method, args });
  }

  /** Its legs end with it; nobody is told. */
  async close(): Promise<void> {
    if (this.#isOver) return this.#exited;
    this.tell('close');
    this.#isOver = true;
    const force = setTimeout(() => void this.#worker.terminate(), endWithinMs);
    await this.#exited;
    clearTimeout(force);
  }

  #call<Method extends MixerMethod>(
    method: Method,
    args: Parameters<MixerCalls[Method]>,
    transferred: readonly MessagePort[],
  ): Promise<Awaited<ReturnType<MixerCalls[Method]>>> {
    if (this.#isOver) return Promise.reject(mediaUnavailable());
    return new Promise((resolve, reject) => {
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id: this.#lastId, method, args }, transferred);
    });
  }

  async #terminate(): Promise<void> {
    this.#isOver = true;
    await this.#worker.terminate();
  }

  #take(message: FromMixer): void {
    switch (message.type) {
      case 'ready':
        this.tapPort = message.tapPort;
        this.originPort = message.originPort;
        this.#ready?.resolve(undefined);
        this.#ready = undefined;
        return;
      case 'event':
        this.#parts.onEvent(message.leg, message.event);
        return;
      case 'failed':
        this.#parts.onFailed(message.error);
        return;
      case 'figures':
        this.figures = message.figures;
        return;
      case 'answer':
        this.#waiting.get(message.id)?.resolve(message.value);
        break;
      case 'failure':
        this.#waiting.get(message.id)?.reject(new MixerFailure(message.code, message.message));
    }
    this.#waiting.delete(message.id);
  }

  #end(): void {
    const wasOver = this.#isOver;
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(mediaUnavailable(this.#cause));
    this.#waiting.clear();
    // Whoever starts it is told by that, and knows nothing yet that could have died.
    if (this.#ready) this.#ready.reject(new Error('a mixer thread ended before it was ready', { cause: this.#cause }));
    else if (!wasOver) this.#parts.onDied(this.#cause);
  }
}
