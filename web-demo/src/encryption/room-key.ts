// The key of an encrypted room, as its link carries it behind `#key=`: the part of an address that is sent to no server.

import { pathOfRoom } from '../lobby/room-names.ts';

const keyBytes = 32;

/** 256 random bits, in base64url. */
export function createRoomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(keyBytes));
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
}

/** Undefined: it has none, or one that was cut. */
export function keyOfHash(hash: string): string | undefined {
  const key = new URLSearchParams(hash.replace(/^#/, '')).get('key')?.trim() ?? '';
  return bytesOfKey(key) === undefined ? undefined : key;
}

export function bytesOfKey(key: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(key)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(key.replace(/-/g, '+').replace(/_/g, '/')), (letter) => letter.charCodeAt(0));
    return bytes.byteLength === keyBytes ? bytes : undefined;
  } catch {
    // Cut in the middle of a group.
    return undefined;
  }
}

/** What an invitation leads to. */
export function addressOfRoom(room: string, key: string | undefined): string {
  return key === undefined ? pathOfRoom(room) : `${pathOfRoom(room)}#key=${key}`;
}
