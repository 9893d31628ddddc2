// The payload of a token whose signature was verified, as Claims.

import { AppError } from '../../core/errors.ts';
import { type Claims, type GrantName, grantNames, type RoomGrant } from '../../signaling/token-verifier.ts';

/** What a token may write for a grant: `publish` stands for the four of its kind. */
export type WrittenGrant = GrantName | 'publish';

export const writtenGrants: readonly WrittenGrant[] = ['publish', ...grantNames];

type Payload = Readonly<Record<string, unknown>>;

const maxIdentityBytes = 128;
const maxNameBytes = 128;
const maxMetadataBytes = 4096;
const maxGrants = 64;
const maxNamesInGrant = 32;
/** The year 9999: what lies beyond is a mistake of unit, most likely milliseconds. */
const maxTimeSeconds = 253_402_300_799;

const roomOrPrefix = /^(\*|[A-Za-z0-9][A-Za-z0-9_.:@-]{0,127}\*?)$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
export const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/;

/** What a token must say besides its signature (RFC 7519 section 4.1). */
export interface ClaimRules {
  readonly issuer: string;
  readonly audience: string;
  readonly leewaySeconds: number;
}

/** @throws {AppError} TOKEN_NOT_YET_VALID, TOKEN_EXPIRED, TOKEN_WRONG_AUDIENCE, TOKEN_WRONG_ISSUER or TOKEN_CLAIMS_INVALID. */
export function requireValid(payload: Payload, rules: ClaimRules, nowMs: number): void {
  const nowSeconds = nowMs / 1000;
  if (payload['nbf'] !== undefined && readTime(payload, 'nbf') > nowSeconds + rules.leewaySeconds) {
    throw new AppError('TOKEN_NOT_YET_VALID');
  }
  if (nowSeconds >= readTime(payload, 'exp') + rules.leewaySeconds) throw new AppError('TOKEN_EXPIRED');
  const { aud, iss } = payload;
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (rules.audience !== '' && !audiences.includes(rules.audience)) throw new AppError('TOKEN_WRONG_AUDIENCE');
  if (rules.issuer !== '' && iss !== rules.issuer) throw new AppError('TOKEN_WRONG_ISSUER');
}

/** @throws {AppError} TOKEN_CLAIMS_INVALID with the field and what is wrong with it. */
export function readClaims(payload: Payload): Claims {
  const identity = readText(payload, 'sub', maxIdentityBytes);
  if (identity === undefined || identity === '') refuse('sub', 'is missing: it says who the token is for');
  const name = readText(payload, 'name', maxNameBytes) || identity;
  if (controlCharacters.test(identity)) refuse('sub', 'has control characters');
  if (controlCharacters.test(name)) refuse('name', 'has control characters');
  return {
    identity,
    name,
    metadata: readText(payload, 'metadata', maxMetadataBytes) ?? '',
    grants: readGrants(payload['grants']),
    expiresAtMs: readTime(payload, 'exp') * 1000,
  };
}

function readGrants(value: unknown): readonly RoomGrant[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse('grants', 'is not a list');
  if (value.length > maxGrants) refuse('grants', `has more than ${maxGrants} entries`);
  return value.map((entry: unknown, index) => readGrant(entry, `grants[${index}]`));
}

function readGrant(value: unknown, field: string): RoomGrant {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(field, 'is not an object');
  const { room, can, ...others } = value as { room?: unknown; can?: unknown };
  // A misspelled member must not silently grant less, or more, than was meant.
  for (const name of Object.keys(others)) refuse(`${field}.${shorten(name)}`, 'is not known: a grant has room and can');
  if (typeof room !== 'string' || !roomOrPrefix.test(room)) {
    refuse(`${field}.room`, 'is not a room, a prefix as in "team-*", or "*"');
  }
  if (!Array.isArray(can)) refuse(`${field}.can`, 'is not a list');
  if (can.length > maxNamesInGrant) refuse(`${field}.can`, `has more than ${maxNamesInGrant} entries`);
  const names = new Set(can.flatMap((name: unknown, index) => readGrantName(name, `${field}.can[${index}]`)));
  return { room, can: [...names] };
}

function readGrantName(value: unknown, field: string): readonly GrantName[] {
  if (value === 'publish') return grantNames.filter((name) => name.startsWith('publish:'));
  const name = grantNames.find((known) => known === value);
  if (name === undefined) refuse(field, `is ${shorten(JSON.stringify(value))}, not one of ${writtenGrants.join(', ')}`);
  return [name];
}

function readText(payload: Payload, field: string, maxBytes: number): string | undefined {
  const value = payload[field];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') refuse(field, 'is not text');
  if (Buffer.byteLength(value) > maxBytes) refuse(field, `is longer than ${maxBytes} bytes`);
  // JSON can write half of a surrogate pair, which has no UTF-8: no frame could tell others of it.
  if (!value.isWellFormed()) refuse(field, 'is not well-formed Unicode');
  return value;
}

/** A NumericDate: seconds since 1970 (RFC 7519 section 2). */
function readTime(payload: Payload, field: 'exp' | 'nbf'): number {
  const value = payload[field];
  if (value === undefined) refuse(field, 'is missing: tokens must expire');
  if (typeof value !== 'number' || !(Math.abs(value) <= maxTimeSeconds))
    refuse(field, 'is not a time in seconds since 1970');
  return value;
}

/** As much of what a token says as an error repeats, and as text that every client can read. */
function shorten(text: string): string {
  return (text.length > 40 ? `${text.slice(0, 39)}…` : text).toWellFormed();
}

function refuse(field: string, problem: string): never {
  throw new AppError('TOKEN_CLAIMS_INVALID', { field, problem });
}
