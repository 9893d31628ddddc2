/**
 * What a peer may do in a room. `publish:screen` covers the screen's sound too. `call`: to call users into it, and `call:number`
 * whatever the trunks reach; calls without a room of their own are held in one whose name begins with `call-`.
 */
export const grantNames = [
  'join',
  'publish:audio',
  'publish:video',
  'publish:screen',
  'publish:data',
  'subscribe',
  'chat',
  'history',
  'moderate',
  'record',
  'call',
  'call:number',
] as const;

export type GrantName = (typeof grantNames)[number];

/** Grants for one room, or for all rooms whose name starts so. */
export interface RoomGrant {
  /** A room's name, or a prefix with `*` behind it. */
  readonly room: string;
  readonly can: readonly GrantName[];
}

/** Who somebody is and what they may do, once their token was verified. */
export interface Claims {
  /** `sub`: who it is. */
  readonly identity: string;
  readonly name: string;
  /** Free text for the application, at most 4 KB. */
  readonly metadata: string;
  readonly grants: readonly RoomGrant[];
  /** When it is not accepted any more: `exp` and the verifier's leeway, in milliseconds since 1970. */
  readonly expiresAtMs: number;
}

/** Port: verifies tokens. The server implements it with JSON Web Tokens (RFC 7519). */
export interface TokenVerifier {
  /** @throws {AppError} with a TOKEN_… reason that says what is wrong, or KEYS_UNAVAILABLE. */
  verify(token: string): Promise<Claims>;
}
