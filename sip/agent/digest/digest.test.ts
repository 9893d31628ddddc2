import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { parseAuth } from '../messages/parse-auth.ts';
import { type DigestAlgorithm, digestAlgorithms, hashUser } from './algorithms.ts';
import { DigestClient } from './digest-client.ts';
import { digestResponse } from './digest-response.ts';
import { DigestServer } from './digest-server.ts';
import { Nonces } from './nonces.ts';

const realm = 'parley.example';
const request = { method: 'REGISTER', uri: 'sip:parley.example', body: new Uint8Array() };
const find = async (user: string, algorithm: DigestAlgorithm) =>
  user === 'ann' ? hashUser(algorithm, 'ann', realm, 'right') : undefined;

function both(password = 'right', algorithms: readonly DigestAlgorithm[] = digestAlgorithms) {
  const clock = new FakeClock();
  const server = new DigestServer(realm, new Nonces(clock), algorithms);
  const client = new DigestClient({ user: 'ann', password });
  const verify = (credentials: string | undefined, change = {}) =>
    server.verify({ ...request, credentials: credentials === undefined ? [] : [credentials], ...change }, find);
  return { clock, server, client, verify };
}

test.each([
  // The examples of RFC 7616 section 3.9.1 and of RFC 2069 as it was corrected.
  ['MD5', 'Mufasa', 'Circle of Life', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', 'Mufasa', 'Circle of Life', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
] as const)('the response of %s is the one of the RFC', (algorithm, user, password, expected) => {
  const response = digestResponse({
    algorithm,
    userHash: hashUser(algorithm, user, 'http-auth@example.org', password),
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    method: 'GET',
    uri: '/dir/index.html',
    quality: {
      qop: 'auth',
      count: '00000001',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      body: new Uint8Array(),
    },
  });
  expect(response).toBe(expected);
});

describe('who sends to us', () => {
  test.each(digestAlgorithms.map((algorithm) => [algorithm]))('is verified by %s', async (algorithm) => {
    const { server, client, verify } = both('right', [algorithm]);
    const answer = client.answer(server.challenge(), request, false);
    expect(await verify(answer)).toEqual({ outcome: 'verified', user: 'ann' });
  });

  test('takes the strongest algorithm that it knows, and the challenge has them in that order', () => {
    const { server, client } = both();
    const names = server.challenge().map((text) => parseAuth(text)?.parameters.get('algorithm'));
    expect(names).toEqual(['SHA-512-256', 'SHA-256', 'MD5']);
    expect(client.answer(server.challenge().reverse(), request, false)).toContain('algorithm=SHA-512-256');
    expect(
      client.answer(['Digest realm="x", nonce="y", algorithm=UNKNOWN', 'Basic realm="x"'], request, false),
    ).toBeUndefined();
  });

  test('without credentials, or with those of another realm, has to be asked', async () => {
    const { client, verify } = both();
    expect(await verify(undefined)).toEqual({ outcome: 'none' });
    expect(await verify(client.answer(['Digest realm="other", nonce="1"'], request, false))).toEqual({
      outcome: 'none',
    });
  });

  test('with a wrong password, as a user that is none, or for another place is refused', async () => {
    const { server, client, verify } = both();
    const wrong = new DigestClient({ user: 'ann', password: 'wrong' });
    const nobody = new DigestClient({ user: 'nobody', password: '' });
    expect(await verify(wrong.answer(server.challenge(), request, false))).toMatchObject({ why: 'password' });
    expect(await verify(nobody.answer(server.challenge(), request, false))).toMatchObject({ why: 'user' });
    const answer = client.answer(server.challenge(), request, false);
    expect(await verify(answer, { uri: 'sip:other.example' })).toMatchObject({ why: 'uri' });
    expect(await verify(answer, { method: 'INVITE' })).toMatchObject({ why: 'password' });
    expect(await verify(answer, { uri: 'sip:PARLEY.example' })).toMatchObject({ outcome: 'verified' });
  });

  test('twice with one count is a replay, and counts that overtake each other are none', async () => {
    const { server, client, verify } = both();
    const challenge = server.challenge();
    const [first, second, third] = [1, 2, 3].map(() => client.answer(challenge, request, false));
    expect(await verify(first)).toMatchObject({ outcome: 'verified' });
    expect(await verify(third)).toMatchObject({ outcome: 'verified' });
    expect(await verify(second)).toMatchObject({ outcome: 'verified' });
    expect(await verify(second)).toMatchObject({ why: 'replay' });
  });

  test('without counts, as in RFC 2069, is verified once a nonce', async () => {
    const { server, client, verify } = both('right', ['MD5']);
    const old = server.challenge()[0]?.replace(/,? ?qop="auth"/, '') ?? '';
    const answer = client.answer([old], request, false);
    expect(await verify(answer)).toMatchObject({ outcome: 'verified' });
    expect(await verify(answer)).toMatchObject({ why: 'replay' });
  });

  test('a nonce that is old is stale, one that is not ours is refused, and both with a right password only', async () => {
    const { clock, server, client, verify } = both();
    const answer = client.answer(server.challenge(), request, false);
    const wrong = new DigestClient({ user: 'ann', password: 'wrong' }).answer(server.challenge(), request, false);
    clock.advance(300_001);
    expect([await verify(answer), await verify(wrong)]).toMatchObject([{ outcome: 'stale' }, { why: 'password' }]);
    const forged = client.answer(
      [`Digest realm="${realm}", nonce="loaf.abc.${'A'.repeat(22)}", qop="auth"`],
      request,
      false,
    );
    expect(await verify(forged)).toMatchObject({ why: 'nonce' });
  });

  test.each([
    ['no response', 'Digest username="ann", realm="parley.example", nonce="1", uri="sip:parley.example"'],
    [
      'a count that is none',
      'Digest username="ann", realm="parley.example", nonce="1", uri="sip:a", response="1", qop=auth, nc=1, cnonce="1"',
    ],
    ['one parameter twice', 'Digest username="ann", username="ben", realm="parley.example"'],
    ['nothing', 'Digest'],
  ])('credentials with %s are refused or asked for again', async (_, text) => {
    const { verify } = both();
    expect((await verify(text)).outcome).not.toBe('verified');
  });
});

describe('whom we send to', () => {
  test('a refusal is answered again only when the nonce was stale', () => {
    const { server, client } = both();
    expect(client.answer(server.challenge(), request, true)).toBeUndefined();
    expect(client.answer(server.challenge(true), request, true)).toContain('nc=00000001');
  });

  test('qop="auth,auth-int" is answered with auth, auth-int alone with the body, an unknown one not', () => {
    const { client } = both();
    const challenge = (qop: string) => [`Digest realm="r", nonce="n", qop="${qop}", opaque="o"`];
    expect(client.answer(challenge('auth-int, auth'), request, false)).toMatch(/qop=auth,.*opaque="o"/);
    expect(client.answer(challenge('auth-int'), request, false)).toContain('qop=auth-int');
    expect(client.answer(challenge('other'), request, false)).toBeUndefined();
  });

  test('MD5-sess names itself and its cnonce', () => {
    const { client } = both();
    const answer = client.answer(['Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"'], request, false);
    expect(answer).toMatch(/algorithm=MD5-sess.*cnonce="/);
  });
});

test('of too many nonces the oldest are forgotten, and are stale from then on, never good again', () => {
  const clock = new FakeClock();
  const nonces = new Nonces(clock);
  const first = nonces.create();
  expect(nonces.check(first, 1)).toBe('good');
  clock.advance(1);
  for (let at = 0; at < 50_000; at += 1) nonces.check(nonces.create(), 1);
  expect(nonces.check(first, 1)).toBe('stale');
  expect(nonces.check(nonces.create(), 1)).toBe('good');
});
