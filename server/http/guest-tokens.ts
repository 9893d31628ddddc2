// Tokens for anybody, while developing: the page needs one, and there is no other service that would give it.

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { parseRoomId } from '../../core/ids.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import { isLoopback } from '../config/rules.ts';
import { jsonAnswer } from '../gateway/error-answer.ts';
import type { HttpHandler, HttpRequest } from '../gateway/http-routes.ts';
import { controlCharacters, type WrittenGrant } from '../identity/claims.ts';
import type { TokenIssuer } from '../identity/token-issuer.ts';

const ttlSeconds = 3600;
const maxNameBytes = 64;
/** Everybody is on this machine, so one rate for all. */
const rate = { perSecond: 20, burst: 200 };
const guestGrants: readonly WrittenGrant[] = ['join', 'publish', 'subscribe', 'chat', 'history', 'call', 'call:number'];
/** Conversations of two: who may take part in one, its own room decides. */
const directGrants: readonly WrittenGrant[] = ['join', 'chat', 'history'];
/** Calls with a room of their own: whoever has a leg may be in that. */
const callGrants: readonly WrittenGrant[] = ['call', 'call:number'];

/**
 * `POST /api/v1/tokens` with `{ name, room, moderator?, identity? }`: a token for that room, for an hour. `identity` is the
 * one of an earlier answer, to stay the same guest: a session refreshes only as who it is.
 */
export function createGuestTokensHandler({ issuer, clock }: { issuer: TokenIssuer; clock: Clock }): HttpHandler {
  const bucket = new TokenBucket(rate, clock.monotonicMs());
  return (request) => {
    requireLocalPage(request);
    const retryAfterMs = bucket.take(clock.monotonicMs());
    if (retryAfterMs > 0) throw new AppError('RATE_LIMITED', { what: 'requests for tokens' }, { retryAfterMs });
    const { name, room, moderator, identity } = parseBody(request);
    const can: readonly WrittenGrant[] = moderator ? [...guestGrants, 'moderate', 'record'] : guestGrants;
    const token = issuer.issue({
      identity,
      name,
      grants: [
        { room, can },
        { room: 'dm:*', can: directGrants },
        { room: 'call-*', can: callGrants },
      ],
      ttlSeconds,
    });
    return jsonAnswer(201, { token, identity, name, room, expiresAtMs: clock.nowMs() + ttlSeconds * 1000 });
  };
}

/**
 * A page from elsewhere must not get tokens through the browser of whoever develops here: neither with a request that
 * needs no preflight (the type of the body sees to that), nor under a name that was pointed at this machine (DNS rebinding).
 */
function requireLocalPage({ headers }: HttpRequest): void {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw bad('The header Content-Type', 'must be application/json');
  const { host = '', origin } = headers;
  if (!isOnThisMachine(`http://${host}`) || (origin !== undefined && !isOnThisMachine(origin))) {
    throw new AppError('ORIGIN_REFUSED');
  }
}

function isOnThisMachine(url: string): boolean {
  return URL.canParse(url) && isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

interface TokenRequest {
  readonly name: string;
  readonly room: string;
  readonly moderator: boolean;
  readonly identity: string;
}

function parseBody({ body }: HttpRequest): TokenRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw bad('The body', 'is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw bad('The body', 'is not an object');
  const {
    name,
    room,
    moderator = false,
    identity = createGuestIdentity(),
    ...others
  } = parsed as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw bad(unknown.slice(0, 40).toWellFormed(), 'is not known: name, room, moderator and identity are');
  if (typeof name !== 'string' || name.trim() === '') throw bad('name', 'must be text, and not empty');
  if (Buffer.byteLength(name) > maxNameBytes) throw bad('name', `must be at most ${maxNameBytes} bytes long`);
  if (!name.isWellFormed()) throw bad('name', 'must be well-formed Unicode');
  if (controlCharacters.test(name.trim())) throw bad('name', 'must have no control characters');
  const roomId = typeof room === 'string' ? parseRoomId(room) : undefined;
  if (roomId === undefined) {
    throw bad('room', 'must be a name of 1 to 128 letters, digits and _ . : @ -, with a letter or digit first');
  }
  if (typeof moderator !== 'boolean') throw bad('moderator', 'must be true or false');
  // Guests stay guests: other names are for those who sign tokens themselves.
  if (typeof identity !== 'string' || !guestIdentity.test(identity))
    throw bad('identity', 'must be one that was given here');
  return { name: name.trim(), room: roomId, moderator, identity };
}

const guestIdentity = /^guest-[A-Za-z0-9_-]{12}$/;

function createGuestIdentity(): string {
  return `guest-${randomBytes(9).toString('base64url')}`;
}

function bad(field: string, problem: string): AppError {
  return new AppError('BAD_REQUEST', { field, problem });
}
