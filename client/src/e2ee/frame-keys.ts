/** CryptoKey, which the types of Node have under another name. */
export type KeyHandle = Awaited<ReturnType<typeof crypto.subtle.deriveKey>>;

/** What a key is for: frames of one track are worth nothing as another's, though all have one secret. */
export interface TrackScope {
  readonly room: string;
  readonly peerId: string;
  readonly source: string;
}

export interface Secret {
  readonly index: number;
  /** For HKDF; not extractable. */
  readonly secret: KeyHandle;
}

/** The secrets of a room, by their index. */
export class KeyRing {
  readonly #secrets = new Map<number, Secret>();
  #sending: number | undefined;

  /** What is sent with. */
  get current(): Secret | undefined {
    return this.#sending === undefined ? undefined : this.#secrets.get(this.#sending);
  }

  get(index: number): Secret | undefined {
    return this.#secrets.get(index);
  }

  set(secret: Secret): void {
    this.#secrets.set(secret.index, secret);
  }

  sendWith(index: number): void {
    this.#sending = index;
  }

  drop(index: number): void {
    this.#secrets.delete(index);
    if (this.#sending === index) this.#sending = undefined;
  }
}

export function importSecret(bytes: Uint8Array<ArrayBuffer>): Promise<KeyHandle> {
  return crypto.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveKey']);
}

/**
 * The key of one track's frames under one salt, by HKDF (RFC 5869). The salt is drawn by the sender: were the server to give
 * the same peer id twice, no counter would be used twice with one key.
 */
export function deriveFrameKey(
  { secret }: Secret,
  { room, peerId, source }: TrackScope,
  salt: Uint8Array<ArrayBuffer>,
): Promise<KeyHandle> {
  // As JSON, so that no two scopes have the same bytes.
  const info = new TextEncoder().encode(JSON.stringify(['parley e2ee 1', room, peerId, source]));
  const algorithm = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return crypto.subtle.deriveKey(algorithm, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
