// Branded ids: a peer's id cannot be passed where a room's is meant. Made here or checked once at the edge.

import { randomBytes, randomFillSync } from 'node:crypto';
import { systemClock } from './clock.ts';

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
export const createCallId = (): string => createId('k');
export const createLegId = (): string => createId('l');
export const createConnectionId = (): ConnectionId => createId('c') as ConnectionId;

/** 128 random bits, so that nobody guesses another's. */
export function createSecret(): string {
  return randomBytes(16).toString('base64url');
}

const idBytes = 9;
const messageIdBytes = 10;
/** Random bytes are fetched for many ids at once: one by one, they cost ten times as much as the rest of an id. */
const entropy = Buffer.allocUnsafeSlow(4096);
let entropyUsed = entropy.length;

/** 72 random bits behind a letter that tells what it is of. */
const createId = (prefix: string): string => `${prefix}_${randomText(idBytes)}`;

function randomText(bytes: number): string {
  if (entropyUsed + bytes > entropy.length) {
    randomFillSync(entropy);
    entropyUsed = 0;
  }
  const from = entropyUsed;
  entropyUsed += bytes;
  return entropy.toString('base64url', from, entropyUsed);
}

/** In the order of their codes, so that texts of one length sort as the numbers do. */
const digits = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
let stampMs = -1;
let stamp = '';

/**
 * Seven digits of milliseconds (until the year 2109), then 80 random bits. They sort by time, so that a store puts new ones
 * side by side, at the end of its index: random ones cost it a page each. Nobody else makes the same one, whatever the clock.
 */
export function createMessageId(nowMs: number = systemClock.nowMs()): MessageId {
  if (nowMs !== stampMs) {
    stampMs = nowMs;
    stamp = '';
    for (let rest = Math.max(Math.trunc(nowMs), 0); stamp.length < 7; rest = Math.floor(rest / 64)) {
      stamp = digits.charAt(rest % 64) + stamp;
    }
  }
  return `m_${stamp}${randomText(messageIdBytes)}` as MessageId;
}
