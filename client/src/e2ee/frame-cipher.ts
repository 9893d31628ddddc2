// Frames of one track, sealed and opened: AES-GCM with a key of the track's own and a counter as the IV.

import {
  clearBytesOf,
  concatenate,
  type FrameKind,
  maxCounter,
  overheadBytes,
  readTrailer,
  saltBytes,
  tagBytes,
  trailerBytes,
  writeTrailer,
} from './frame-format.ts';
import { deriveFrameKey, type KeyHandle, type KeyRing, type Secret, type TrackScope } from './frame-keys.ts';
import { ReplayWindow } from './replay-window.ts';

export type Refusal = 'keyMissing' | 'notAuthentic' | 'replayed';
export type Opened = { readonly frame: Uint8Array<ArrayBuffer> } | { readonly refusal: Refusal };

/** A sender draws another salt when it publishes anew, and after 2^32 frames; of the oldest beyond that nothing is known. */
const maxSalts = 64;

interface TrackParts {
  readonly kind: FrameKind;
  readonly scope: TrackScope;
  readonly keys: Pick<KeyRing, 'get' | 'current'>;
}

export class FrameSealer {
  readonly #parts: TrackParts;
  #salt = drawSalt();
  #counter: number;
  #key: DerivedKey | undefined;

  /** `firstCounter`: 0 but in tests. */
  constructor(parts: TrackParts, firstCounter = 0) {
    this.#parts = parts;
    this.#counter = firstCounter;
  }

  /** Undefined: there is no key, and the frame must not be sent. */
  async seal(frame: Uint8Array): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { kind, scope, keys } = this.#parts;
    const secret = keys.current;
    if (!secret) return undefined;
    if (this.#counter > maxCounter) {
      this.#salt = drawSalt();
      this.#counter = 0;
    }
    const salt = this.#salt;
    const counter = this.#counter++;
    if (!this.#key?.isOf(secret, salt)) this.#key = new DerivedKey(secret, scope, salt);
    const trailer = writeTrailer({ salt, counter, keyIndex: secret.index });
    const clear = frame.slice(0, clearBytesOf(kind, frame, frame.byteLength));
    const algorithm = toAlgorithm(counter, clear, trailer);
    const sealed = await crypto.subtle.encrypt(algorithm, await this.#key.key, frame.slice(clear.byteLength));
    return concatenate(clear, new Uint8Array(sealed), trailer);
  }
}

/** Lives as long as its sender is known, over all receivers of the track: what came by one does not come by another. */
export class FrameOpener {
  readonly #parts: TrackParts;
  /** By salt, of frames that were authentic. */
  readonly #windows = new Map<string, ReplayWindow>();
  #key: DerivedKey | undefined;

  constructor(parts: TrackParts) {
    this.#parts = parts;
  }

  async open(frame: Uint8Array): Promise<Opened> {
    const { kind, scope, keys } = this.#parts;
    const trailer = readTrailer(frame);
    if (!trailer) return { refusal: 'notAuthentic' };
    const secret = keys.get(trailer.keyIndex);
    if (!secret) return { refusal: 'keyMissing' };
    const { salt, counter } = trailer;
    const name = salt.join();
    if (this.#windows.get(name)?.isNew(counter) === false) return { refusal: 'replayed' };
    const bytes = frame.byteLength - overheadBytes;
    const clear = frame.slice(0, clearBytesOf(kind, frame, bytes));
    const sealed = frame.slice(clear.byteLength, -trailerBytes);
    if (!this.#key?.isOf(secret, salt)) this.#key = new DerivedKey(secret, scope, salt);
    const algorithm = toAlgorithm(counter, clear, frame.slice(-trailerBytes));
    let plain: ArrayBuffer;
    try {
      plain = await crypto.subtle.decrypt(algorithm, await this.#key.key, sealed);
    } catch {
      return { refusal: 'notAuthentic' };
    }
    const window = this.#windowOf(name);
    // Another copy of it was opened meanwhile.
    if (!window.isNew(counter)) return { refusal: 'replayed' };
    window.accept(counter);
    return { frame: concatenate(clear, new Uint8Array(plain)) };
  }

  #windowOf(name: string): ReplayWindow {
    const window = this.#windows.get(name) ?? new ReplayWindow();
    this.#windows.set(name, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > maxSalts && oldest !== undefined) this.#windows.delete(oldest);
    return window;
  }
}

/** Deriving takes longer than encrypting: the last key is kept. */
class DerivedKey {
  readonly key: Promise<KeyHandle>;
  readonly #secret: KeyHandle;
  readonly #salt: Uint8Array;

  constructor(secret: Secret, scope: TrackScope, salt: Uint8Array<ArrayBuffer>) {
    this.#secret = secret.secret;
    this.#salt = salt;
    this.key = deriveFrameKey(secret, scope, salt);
    this.key.catch(() => {});
  }

  isOf({ secret }: Secret, salt: Uint8Array): boolean {
    return secret === this.#secret && salt.every((byte, at) => byte === this.#salt[at]);
  }
}

function drawSalt(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(saltBytes));
}

function toAlgorithm(counter: number, clear: Uint8Array, trailer: Uint8Array) {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setUint32(8, counter);
  return { name: 'AES-GCM', iv, additionalData: concatenate(clear, trailer), tagLength: tagBytes * 8 };
}
