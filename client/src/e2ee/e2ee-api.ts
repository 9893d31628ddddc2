// What an application holds of an end-to-end encrypted room. docs/e2ee.md says what is protected, and what is not.

export interface E2eeOptions {
  /**
   * Starts the SDK's worker, which encrypts and decrypts; one for each encrypted room. The package exports its script as
   * `@parley/client/e2ee-worker`: bundle it, and start it as a module.
   */
  readonly worker: () => Worker;
}

/**
 * Why frames of a peer cannot be decrypted. `keyMissing`: nobody gave a key of their index here. `notAuthentic`: another key
 * was given, or somebody on the way changed them, or they are not encrypted.
 */
export type DecryptionProblem = 'keyMissing' | 'notAuthentic';

export interface PeerDecryption {
  readonly peerId: string;
  /** Undefined: it is over. */
  readonly problem: DecryptionProblem | undefined;
}

/** Frames since the room was joined. */
export interface E2eeCounts {
  readonly sealed: number;
  readonly opened: number;
  /** Of the caller's own, not sent because there was no key. */
  readonly withheld: number;
  /** Of others, not shown, by the reason. `replayed`: it came before, or is older than the newest by more than 1,024. */
  readonly keyMissing: number;
  readonly notAuthentic: number;
  readonly replayed: number;
}

export interface RoomE2ee {
  /** Whether the room's tracks are encrypted. As long as the room is joined, it does not become false again. */
  readonly enabled: boolean;
  /** Of the key that is sent with. */
  readonly keyIndex: number | undefined;
  /** By peer id, whose frames cannot be decrypted now. */
  readonly problems: ReadonlyMap<string, DecryptionProblem>;
  /**
   * A secret that everybody in the room has, of at least 16 random bytes, under an index of 0 to 255. It is received with at
   * once, and sent with unless `send` is false: to change keys without a break, give everybody the next one with
   * `send: false` first. Resolves when frames are encrypted with it.
   * @throws {ParleyError} by rejection: BAD_REQUEST, E2EE_UNSUPPORTED where the platform or the worker cannot.
   */
  setKey(index: number, key: Uint8Array, options?: { send?: boolean }): Promise<void>;
  /** Frames under this index are refused from now on, and nothing is sent with it. */
  dropKey(index: number): void;
  /** @throws {ParleyError} by rejection: E2EE_UNSUPPORTED where there is no worker. */
  counts(): Promise<E2eeCounts>;
}
