// What an application hands over, checked before anything is done with it. JSON writes NaN as null and leaves undefined out:
// the server would take either for "not given", and do something else than was meant.

import type { Cursor, RoomSettings } from '../../proto/gen/types.ts';
import { ParleyError } from './errors.ts';

export function requireText(field: string, value: unknown): void {
  if (typeof value !== 'string') refuse(field, 'must be a text');
  if (value === '') refuse(field, 'must not be empty');
}

export function requireTexts(field: string, value: unknown): void {
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) refuse(field, 'must be a list of texts');
}

export function requireBoolean(field: string, value: unknown): void {
  if (typeof value !== 'boolean') refuse(field, 'must be true or false');
}

/** A number that counts: 0 or more. */
export function requireWhole(field: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) refuse(field, 'must be a whole number, 0 or more');
}

/** As of a volume: from much quieter to much louder than it comes. */
export function requireDecibels(field: string, value: unknown): void {
  if (!Number.isFinite(value)) refuse(field, 'must be a number of decibels');
}

export function requireWholeIfGiven(field: string, value: unknown): void {
  if (value !== undefined) requireWhole(field, value);
}

/** In milliseconds; not 0, which the contract has another meaning for. */
export function requireDurationIfGiven(field: string, value: unknown): void {
  if (value === undefined) return;
  if (!Number.isFinite(value) || Number(value) <= 0) refuse(field, 'must be a number of milliseconds, more than 0');
}

export function requireKeyIndex(value: unknown): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0 || Number(value) > 255) {
    refuse('index', 'must be a whole number of 0 to 255');
  }
}

/** A secret. Nothing of it is in the error. */
export function requireKey(value: unknown): void {
  if (!(value instanceof Uint8Array)) refuse('key', 'must be a Uint8Array');
  if (value.byteLength < 16) refuse('key', 'must have at least 16 bytes');
}

export function requireCursor(cursor: Cursor): void {
  requireText('cursor.epoch', cursor.epoch);
  requireWhole('cursor.seq', cursor.seq);
  if (typeof cursor.messageId !== 'string') refuse('cursor.messageId', 'must be a text');
}

/** Those that are given. */
export function requireSettings(settings: Partial<RoomSettings>): Partial<RoomSettings> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  for (const [field, value] of given) requireWhole(field, value);
  return Object.fromEntries(given);
}

function refuse(field: string, problem: string): never {
  throw new ParleyError('BAD_REQUEST', `${field} ${problem}.`, { details: { field, problem } });
}
