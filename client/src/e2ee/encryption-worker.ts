import { sdkError } from '../errors.ts';
import { createDeferred, type Deferred, withTimeout } from '../waiting.ts';
import type { DecryptionProblem, E2eeCounts } from './e2ee-api.ts';
import type { FrameStreams, FromWorker, Pipe, ToWorker } from './worker-protocol.ts';

type Asking = { readonly type: 'count' } | Omit<Extract<ToWorker, { type: 'setKey' }>, 'request'>;

interface EncryptionWorkerParts {
  readonly start: () => Worker;
  readonly timeoutMs: number;
  onProblem(id: number, problem: DecryptionProblem | undefined): void;
}

/** The worker of one room, as the page sees it. */
export class EncryptionWorker {
  readonly #worker: Worker;
  readonly #timeoutMs: number;
  readonly #asked = new Map<number, Deferred<E2eeCounts>>();
  #requests = 0;
  #failure: Error | undefined;

  /** @throws {ParleyError} E2EE_UNSUPPORTED */
  constructor({ start, timeoutMs, onProblem }: EncryptionWorkerParts) {
    this.#timeoutMs = timeoutMs;
    try {
      this.#worker = start();
    } catch (error) {
      throw sdkError('E2EE_UNSUPPORTED', error);
    }
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'problem') onProblem(data.id, data.problem);
      else this.#asked.get(data.request)?.resolve(data.counts);
    });
    // Its script did not load, or threw.
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      this.#fail(sdkError('E2EE_UNSUPPORTED', event.message));
    });
  }

  /** @throws {ParleyError} E2EE_UNSUPPORTED by rejection, when it does not answer. */
  async ask(asking: Asking): Promise<E2eeCounts> {
    if (this.#failure) throw this.#failure;
    const request = this.#requests++;
    const answer = createDeferred<E2eeCounts>();
    this.#asked.set(request, answer);
    this.#post({ ...asking, request });
    return withTimeout(answer.promise, this.#timeoutMs, () => sdkError('E2EE_UNSUPPORTED')).finally(() =>
      this.#asked.delete(request),
    );
  }

  dropKey(index: number): void {
    this.#post({ type: 'dropKey', index });
  }

  /** By RTCRtpScriptTransform where there is one; Chromium before it has the streams themselves. */
  attach(end: RTCRtpSender | RTCRtpReceiver, pipe: Pipe): void {
    if (hasScriptTransform()) {
      end.transform = new RTCRtpScriptTransform(this.#worker, pipe);
      return;
    }
    const streams = (end as unknown as WithEncodedStreams).createEncodedStreams();
    this.#worker.postMessage({ type: 'pipe', pipe, streams } satisfies ToWorker, [streams.readable, streams.writable]);
  }

  close(): void {
    this.#fail(sdkError('NOT_IN_ROOM'));
    this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #fail(error: Error): void {
    this.#failure = error;
    for (const asked of this.#asked.values()) asked.reject(error);
  }
}

interface WithEncodedStreams {
  createEncodedStreams(): FrameStreams;
}

function hasScriptTransform(): boolean {
  return 'RTCRtpScriptTransform' in globalThis && 'transform' in RTCRtpSender.prototype;
}

function hasEncodedStreams(): boolean {
  return 'RTCRtpSender' in globalThis && 'createEncodedStreams' in RTCRtpSender.prototype;
}

/** Whether frames can be reached, and keys be made: the latter only where the page came over HTTPS or from this machine. */
export function canTransformFrames(): boolean {
  return globalThis.crypto?.subtle !== undefined && (hasScriptTransform() || hasEncodedStreams());
}

/** What a connection must be made with. */
export function transformSettings(): Partial<RTCConfiguration> {
  return hasScriptTransform() ? {} : ({ encodedInsertableStreams: true } as Partial<RTCConfiguration>);
}
