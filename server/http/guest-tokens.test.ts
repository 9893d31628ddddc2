import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { JwtVerifier } from '../identity/jwt-verifier.ts';
import { createTokenIssuer } from '../identity/token-issuer.ts';
import { createGuestTokensHandler } from './guest-tokens.ts';

const secret = randomBytes(32).toString('base64url');
const key = { kid: 'dev', algorithm: 'HS256', secret, file: '' } as const;
const verifier = new JwtVerifier(
  { keys: [key], jwksUrl: '', jwksAlgorithms: [], issuer: '', audience: '', leewaySeconds: 0 },
  { clock: systemClock, log: silentLogger },
);
const issuer = createTokenIssuer({ kid: 'dev', key: createSecretKey(Buffer.from(secret)), issuer: '', audience: '' });

function post(body: unknown, headers: Record<string, string> = {}): HttpRequest {
  return {
    method: 'POST',
    path: '/api/v1/tokens',
    query: new URLSearchParams(),
    headers: { host: 'localhost:8080', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? new TextEncoder().encode(body) : new TextEncoder().encode(JSON.stringify(body)),
    remoteAddress: '127.0.0.1',
    peerAddress: '127.0.0.1',
  };
}

async function answerTo(request: HttpRequest, handler = createGuestTokensHandler({ issuer, clock: new FakeClock() })) {
  const { status, body } = await handler(request);
  return { status, body: JSON.parse(String(body)) as Record<string, string> };
}

async function refusalOf(request: HttpRequest): Promise<string> {
  const error = await answerTo(request).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error('expected a refusal', { cause: error });
  return `${error.reason} ${error.message}`;
}

describe('POST /api/v1/tokens', () => {
  test('gives a guest a token for the one room, for conversations of two and for calls, without moderation', async () => {
    const { status, body } = await answerTo(post({ name: ' Ada ', room: 'standup' }));
    expect(status).toBe(201);
    const claims = await verifier.verify(body['token'] ?? '');
    expect(claims).toMatchObject({ identity: body['identity'], name: 'Ada' });
    expect(claims.grants).toHaveLength(3);
    expect(claims.grants[0]).toMatchObject({ room: 'standup' });
    expect(claims.grants[1]).toEqual({ room: 'dm:*', can: ['join', 'chat', 'history'] });
    expect(claims.grants[2]).toEqual({ room: 'call-*', can: ['call', 'call:number'] });
    expect(claims.grants[0]?.can).toContain('publish:video');
    expect(claims.grants[0]?.can).not.toContain('moderate');
  });

  test('grants moderation when it is asked for', async () => {
    const { body } = await answerTo(post({ name: 'Ada', room: 'standup', moderator: true }));
    expect((await verifier.verify(body['token'] ?? '')).grants[0]?.can).toContain('moderate');
  });

  test('makes a new identity each time', async () => {
    const handler = createGuestTokensHandler({ issuer, clock: new FakeClock() });
    const request = post({ name: 'Ada', room: 'standup' });
    const identities = await Promise.all(
      [1, 2, 3].map(async () => (await answerTo(request, handler)).body['identity']),
    );
    expect(new Set(identities).size).toBe(3);
  });

  test('a guest can stay the same, as a session that refreshes its token must', async () => {
    const { body: first } = await answerTo(post({ name: 'Ada', room: 'standup' }));
    const { body: second } = await answerTo(post({ name: 'Ada', room: 'standup', identity: first['identity'] }));
    expect((await verifier.verify(second['token'] ?? '')).identity).toBe(first['identity']);
  });

  test.each([
    ['not JSON', '{', 'The body is not JSON'],
    ['bytes that are no text', '\ud800', 'The body is not JSON'],
    ['a list', [], 'The body is not an object'],
    ['no name', { room: 'standup' }, 'name must be text'],
    ['an empty name', { name: '  ', room: 'standup' }, 'name must be text'],
    ['a long name', { name: 'n'.repeat(65), room: 'standup' }, 'name must be at most 64 bytes'],
    ['a name with a line feed', { name: 'A\nda', room: 'standup' }, 'name must have no control characters'],
    ['a name with a C1 control', { name: 'A\u0085da', room: 'standup' }, 'name must have no control characters'],
    ['a name that has no UTF-8', '{"name":"A\\ud800","room":"standup"}', 'name must be well-formed Unicode'],
    ['an unknown member that has no UTF-8', '{"A\\ud800":1}', 'A\ufffd is not known'],
    ['no room', { name: 'Ada' }, 'room must be a name'],
    ['all rooms', { name: 'Ada', room: '*' }, 'room must be a name'],
    ['a moderator of words', { name: 'Ada', room: 'standup', moderator: 'yes' }, 'moderator must be true or false'],
    ['an identity that is no guest', { name: 'Ada', room: 'standup', identity: 'root' }, 'identity must be one'],
    ['what it does not know', { name: 'Ada', room: 'standup', ttlSeconds: 1 }, 'ttlSeconds is not known'],
  ])('refuses %s', async (_, body, message) => {
    expect(await refusalOf(post(body))).toContain(`BAD_REQUEST ${message}`);
  });

  test('refuses what a page from elsewhere could send without being asked', async () => {
    const body = { name: 'Ada', room: 'standup' };
    expect(await refusalOf(post(body, { 'content-type': 'text/plain' }))).toContain('BAD_REQUEST');
    expect(await refusalOf(post(body, { origin: 'https://evil.example' }))).toContain('ORIGIN_REFUSED');
    expect(await refusalOf(post(body, { origin: 'null' }))).toContain('ORIGIN_REFUSED');
    expect(await refusalOf(post(body, { host: 'rebound.example:8080' }))).toContain('ORIGIN_REFUSED');
    for (const host of ['localhost:5173', '127.0.0.1:8080', '[::1]:8080']) {
      expect((await answerTo(post(body, { host, origin: `http://${host}` }))).status).toBe(201);
    }
  });

  test('has a rate, and says when to come back', async () => {
    const handler = createGuestTokensHandler({ issuer, clock: new FakeClock() });
    const request = post({ name: 'Ada', room: 'standup' });
    for (let i = 0; i < 200; i++) await answerTo(request, handler);
    const error = await answerTo(request, handler).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ reason: 'RATE_LIMITED', retryAfterMs: 50 });
  });
});
