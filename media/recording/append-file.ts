import { type FileHandle, open } from 'node:fs/promises';

/** Written when so much waits, also before anybody asks. */
const flushBytes = 64 * 1024;
/** What a machine that loses its power loses at most; a process that is killed loses what is not written. */
const syncMs = 5_000;

/**
 * A file that only grows, by what was appended when it is flushed. Nobody waits for a write: what fails is told once, and from
 * then on nothing is written.
 */
export class AppendFile {
  readonly #onFailed: (error: Error) => void;
  #handle: Promise<FileHandle>;
  #parts: Uint8Array[] = [];
  #waitingBytes = 0;
  #writingBytes = 0;
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #syncedMs = performance.now();
  #failed = false;

  constructor(path: string, onFailed: (error: Error) => void) {
    this.#onFailed = onFailed;
    this.#handle = open(path, 'wx', 0o600);
    this.#handle.catch((error: Error) => this.#fail(error));
  }

  /** What was given, whether it is written or not. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What is not written yet: bound it by giving less. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#writingBytes;
  }

  append(bytes: Uint8Array): void {
    if (this.#failed) return;
    // A copy: the writer of a format may use its memory again.
    this.#parts.push(new Uint8Array(bytes));
    this.#waitingBytes += bytes.length;
    this.#bytes += bytes.length;
    if (this.#waitingBytes >= flushBytes) this.flush();
  }

  flush(): void {
    if (this.#waitingBytes === 0 || this.#failed) return;
    const whole = Buffer.concat(this.#parts, this.#waitingBytes);
    this.#parts = [];
    this.#waitingBytes = 0;
    this.#writingBytes += whole.length;
    this.#writing = this.#writing.then(() => this.#write(whole)).catch((error: Error) => this.#fail(error));
  }

  /** Resolves when all that could be written is on the disk. */
  async close(): Promise<void> {
    this.flush();
    await this.#writing;
    const handle = await this.#handle.catch(() => undefined);
    await handle?.datasync().catch((error: Error) => this.#fail(error));
    await handle?.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const handle = await this.#handle;
    for (let at = 0; at < bytes.length && !this.#failed; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
      at += bytesWritten;
    }
    this.#writingBytes -= bytes.length;
    if (performance.now() - this.#syncedMs < syncMs) return;
    await handle.datasync();
    this.#syncedMs = performance.now();
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#parts = [];
    this.#waitingBytes = 0;
    this.#writingBytes = 0;
    this.#onFailed(error);
  }
}
