// The parser takes almost any text and makes numbers of what looks like one, so nothing that comes from it is believed:
// each value passes one of these.

import { AppError } from '../../core/errors.ts';

/** @param problem what is wrong, as the end of a sentence. Text of the client is in it only where it was checked. */
export function refuseSdp(problem: string): never {
  throw new AppError('SDP_REFUSED', { problem });
}

export type SdpRecord = Readonly<Record<string, unknown>>;

export function recordOf(value: unknown): SdpRecord {
  return typeof value === 'object' && value !== null ? (value as SdpRecord) : {};
}

export function listOf(value: unknown): readonly SdpRecord[] {
  return Array.isArray(value) ? value.map(recordOf) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A whole number within the bounds, `undefined` for everything else. */
export function integerOf(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

export function isOneOf<Word extends string>(words: readonly Word[], value: unknown): value is Word {
  return (words as readonly unknown[]).includes(value);
}

/** The first value that is there twice. */
export function repeatedOf<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
