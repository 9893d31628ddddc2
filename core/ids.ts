// Branded ids: a peer's id cannot be passed where a room's is meant. Made here or checked once at the edge.

import { randomBytes, randomFillSync } from 'node:crypto';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

export type RoomId = Id<'RoomId'>;
export type PeerId = Id<'PeerId'>;
export type SessionId = Id<'SessionId'>;
export type ConnectionId = Id<'ConnectionId'>;
export type MessageId = Id<'MessageId'>;

/** The contract's pattern of a room's name, for edges that do not go through the contract. */
const roomPattern = /^[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}$/;

/** The room's id in a text, or undefined when it is not one. */
export function parseRoomId(text: string): RoomId | undefined {
  return roomPattern.test(text) ? (text as RoomId) : undefined;
}

export const createPeerId = (): PeerId => createId('p') as PeerId;
export const createSessionId = (): SessionId => createId('s') as SessionId;
export const createConnectionId = (): ConnectionId => createId('c') as ConnectionId;
export const createMessageId = (): MessageId => createId('m') as MessageId;

/** 128 random bits, so that nobody guesses another's. */
export function createSecret(): string {
  return randomBytes(16).toString('base64url');
}

const idBytes = 9;
/** Random bytes are fetched for many ids at once: one by one, they cost ten times as much as the rest of an id. */
const entropy = Buffer.allocUnsafeSlow(idBytes * 512);
let entropyUsed = entropy.length;

/** 72 random bits behind a letter that tells what it is of. */
function createId(prefix: string): string {
  if (entropyUsed === entropy.length) {
    randomFillSync(entropy);
    entropyUsed = 0;
  }
  const from = entropyUsed;
  entropyUsed += idBytes;
  return `${prefix}_${entropy.toString('base64url', from, entropyUsed)}`;
}
