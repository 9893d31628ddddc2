import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import { createTokenIssuer } from './token-issuer.ts';

const secret = randomBytes(32).toString('base64url');
const issuer = createTokenIssuer({
  kid: 'k',
  key: createSecretKey(Buffer.from(secret)),
  issuer: 'me',
  audience: 'parley',
});
const verifier = new JwtVerifier(
  {
    keys: [{ kid: 'k', algorithm: 'HS256', secret, file: '' }],
    jwksUrl: '',
    jwksAlgorithms: [],
    issuer: 'me',
    audience: 'parley',
    leewaySeconds: 0,
  },
  { clock: systemClock, log: silentLogger },
);
const request = { identity: 'ada', name: 'Ada', grants: [{ room: 'standup', can: ['join'] as const }], ttlSeconds: 60 };

describe('issue()', () => {
  test('signs what the server verifies, with the issuer and audience that it asks for', async () => {
    const claims = await verifier.verify(issuer.issue({ ...request, metadata: '{"team":"blue"}' }));
    expect(claims).toMatchObject({
      identity: 'ada',
      name: 'Ada',
      metadata: '{"team":"blue"}',
      grants: [{ room: 'standup', can: ['join'] }],
    });
    expect(claims.expiresAtMs).toBeGreaterThan(Date.now() + 50_000);
  });

  test('refuses claims that the server would refuse', () => {
    expect(() => issuer.issue({ ...request, identity: '' })).toThrow('sub is missing');
    expect(() => issuer.issue({ ...request, grants: [{ room: 'two words', can: [] }] })).toThrow('grants[0].room');
  });
});
