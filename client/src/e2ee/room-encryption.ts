import type { RoomSnapshot } from '../../../proto/gen/types.ts';
import { requireKey, requireKeyIndex } from '../arguments.ts';
import { sdkError } from '../errors.ts';
import type { DecryptionProblem, E2eeCounts, E2eeOptions, PeerDecryption, RoomE2ee } from './e2ee-api.ts';
import { canTransformFrames, EncryptionWorker, transformSettings } from './encryption-worker.ts';
import type { FrameKind } from './frame-format.ts';
import { importSecret } from './frame-keys.ts';

/**
 * By the library's names of platforms: there it hands over senders and receivers before they are negotiated. Elsewhere, as in
 * Chromium before 111, it does not know of that: nothing would be sent at best, and frames as they are at worst.
 */
const reachable: ReadonlySet<string> = new Set(['Chrome111', 'Firefox120', 'Safari12']);

/** As the media library names it. */
interface Platform {
  readonly handlerName: string;
}

export interface RoomEncryptionParts {
  /** As the application calls it, and not the server: keys are of this name. */
  readonly room: string;
  /** Without them encrypted rooms can neither be sent to nor received from. */
  readonly options: E2eeOptions | undefined;
  readonly timeoutMs: number;
  onChanged(change: PeerDecryption): void;
}

/** Whose frames a receiver gets. */
export interface ReceivedFrom {
  readonly peerId: string;
  readonly source: string;
  readonly kind: FrameKind;
  /** The problem came, became another one, or went; or there is another key, which may end it. */
  onChanged(): void;
}

/** A receiver that is decrypted. */
export interface Decryption {
  readonly problem: DecryptionProblem | undefined;
  release(): void;
}

interface Opening extends ReceivedFrom {
  problem: DecryptionProblem | undefined;
}

/** The encryption of one room, where it has one. */
export class RoomEncryption implements RoomE2ee {
  readonly #parts: RoomEncryptionParts;
  readonly #openings = new Map<number, Opening>();
  readonly #problems = new Map<string, DecryptionProblem>();
  #worker: EncryptionWorker | undefined;
  #enabled = false;
  #closed = false;
  #peerId = '';
  #keyIndex: number | undefined;
  #pipes = 0;

  constructor(parts: RoomEncryptionParts) {
    this.#parts = parts;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  get keyIndex(): number | undefined {
    return this.#keyIndex;
  }

  get problems(): ReadonlyMap<string, DecryptionProblem> {
    return this.#problems;
  }

  /** What connections must be made with. */
  get settings(): Partial<RTCConfiguration> | undefined {
    return this.#enabled ? transformSettings() : undefined;
  }

  /** The server says how the room is: false when it was encrypted, and is so no more. Then it must be left. */
  enter({ peerId, options }: Pick<RoomSnapshot, 'peerId' | 'options'>): boolean {
    this.#peerId = peerId;
    if (options.e2ee) this.#enabled = true;
    return options.e2ee === this.#enabled;
  }

  async setKey(index: number, key: Uint8Array, { send = true }: { send?: boolean } = {}): Promise<void> {
    requireKeyIndex(index);
    requireKey(key);
    const worker = this.#requireWorker();
    // A copy: the application may wipe its own while this one is imported.
    const secret = await importSecret(new Uint8Array(key)).catch((error) => {
      throw sdkError('E2EE_UNSUPPORTED', error);
    });
    await worker.ask({ type: 'setKey', secret: { index, secret }, send });
    if (send) this.#keyIndex = index;
    for (const opening of [...this.#openings.values()]) opening.onChanged();
  }

  dropKey(index: number): void {
    requireKeyIndex(index);
    this.#worker?.dropKey(index);
    if (this.#keyIndex === index) this.#keyIndex = undefined;
  }

  async counts(): Promise<E2eeCounts> {
    return this.#requireWorker().ask({ type: 'count' });
  }

  /** Before anything is sent. @throws {ParleyError} E2EE_UNSUPPORTED, E2EE_KEY_MISSING */
  requireKey(platform: Platform): void {
    this.requireSupport(platform);
    if (this.#keyIndex === undefined) throw sdkError('E2EE_KEY_MISSING');
  }

  /** Before anything is received. @throws {ParleyError} E2EE_UNSUPPORTED */
  requireSupport({ handlerName }: Platform): void {
    this.#requireWorker();
    if (!reachable.has(handlerName)) throw sdkError('E2EE_UNSUPPORTED');
  }

  /** Called before the sender has sent anything. */
  seal(sender: RTCRtpSender, { source, kind }: { source: string; kind: FrameKind }): void {
    const scope = { room: this.#parts.room, peerId: this.#peerId, source };
    try {
      this.#requireWorker().attach(sender, { id: this.#pipes++, direction: 'seal', kind, scope });
    } catch (error) {
      // The sender is part of its connection already, and would send the track as it is.
      void sender.replaceTrack(null);
      throw error;
    }
  }

  /** Called before the receiver has received anything. */
  open(receiver: RTCRtpReceiver, from: ReceivedFrom): Decryption {
    const { peerId, source, kind } = from;
    const id = this.#pipes++;
    const opening: Opening = { ...from, problem: undefined };
    const scope = { room: this.#parts.room, peerId, source };
    this.#requireWorker().attach(receiver, { id, direction: 'open', kind, scope });
    this.#openings.set(id, opening);
    return {
      get problem() {
        return opening.problem;
      },
      release: () => {
        this.#openings.delete(id);
        this.#summarize(peerId);
      },
    };
  }

  close(): void {
    this.#closed = true;
    this.#openings.clear();
    this.#worker?.close();
    this.#worker = undefined;
    this.#keyIndex = undefined;
  }

  #requireWorker(): EncryptionWorker {
    if (this.#closed) throw sdkError('NOT_IN_ROOM');
    const { options, timeoutMs } = this.#parts;
    if (!options || !canTransformFrames()) throw sdkError('E2EE_UNSUPPORTED');
    this.#worker ??= new EncryptionWorker({
      start: options.worker,
      timeoutMs,
      onProblem: (id, problem) => this.#problemIs(id, problem),
    });
    return this.#worker;
  }

  #problemIs(id: number, problem: DecryptionProblem | undefined): void {
    const opening = this.#openings.get(id);
    if (!opening) return;
    opening.problem = problem;
    opening.onChanged();
    this.#summarize(opening.peerId);
  }

  /** A peer has the problem of any of its tracks; one event for each change of it. */
  #summarize(peerId: string): void {
    let problem: DecryptionProblem | undefined;
    for (const opening of this.#openings.values()) if (opening.peerId === peerId) problem ??= opening.problem;
    if (this.#problems.get(peerId) === problem) return;
    if (problem === undefined) this.#problems.delete(peerId);
    else this.#problems.set(peerId, problem);
    this.#parts.onChanged({ peerId, problem });
  }
}
