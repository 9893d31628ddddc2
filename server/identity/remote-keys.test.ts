import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import { JwtVerifier } from './jwt-verifier.ts';

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const first = generateKeyPairSync('rsa', { modulusLength: 2048 });
const second = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const small = generateKeyPairSync('rsa', { modulusLength: 1024 });

const toJwk = (kid: string, alg: string, { publicKey }: Pair) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

/** A real HTTP server with a key set, and a verifier that fetches from it. */
async function startKeyServer(keys: object[]) {
  const state = { keys, fetches: 0, answer: undefined as string | undefined };
  const server = createServer((_, response) => {
    state.fetches += 1;
    if (state.answer === 'fail') response.writeHead(500).end();
    else response.end(state.answer ?? JSON.stringify({ keys: state.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clock = new FakeClock();
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const verifier = new JwtVerifier(
    { keys: [], jwksUrl, jwksAlgorithms: ['RS256', 'ES256'], issuer: '', audience: '', leewaySeconds: 0 },
    { clock, log: silentLogger },
  );
  const sign = (kid: string | undefined, algorithm: 'RS256' | 'ES256', { privateKey }: Pair) =>
    jwt.sign({ sub: 'ada', exp: clock.nowMs() / 1000 + 3600 }, privateKey, {
      algorithm,
      ...(kid === undefined ? {} : { keyid: kid }),
      allowInsecureKeySizes: true,
    });
  const outcomeOf = (token: string) =>
    verifier.verify(token).then(
      ({ identity }) => identity,
      (error: unknown) => (error instanceof AppError ? error.reason : error),
    );
  return {
    state,
    clock,
    sign,
    outcomeOf,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('keys of a key set', () => {
  test('are fetched once for many tokens, at the first one', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    const token = server.sign('one', 'RS256', first);
    expect(server.state.fetches).toBe(0);
    expect(await Promise.all([1, 2, 3].map(() => server.outcomeOf(token)))).toEqual(['ada', 'ada', 'ada']);
    expect(server.state.fetches).toBe(1);
  });

  test('follow a rotation with one fetch, and the old key goes on', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    const old = server.sign('one', 'RS256', first);
    expect(await server.outcomeOf(old)).toBe('ada');
    server.state.keys.push(toJwk('two', 'ES256', second));
    server.clock.advance(31_000);
    expect(await server.outcomeOf(server.sign('two', 'ES256', second))).toBe('ada');
    expect(await server.outcomeOf(old)).toBe('ada');
    expect(server.state.fetches).toBe(2);
  });

  test('unknown ones fetch the set at most once in the cooldown', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    for (let i = 0; i < 10; i++) {
      expect(await server.outcomeOf(server.sign(`guess-${i}`, 'RS256', first))).toBe('TOKEN_KEY_UNKNOWN');
    }
    expect(server.state.fetches).toBe(1);
    server.clock.advance(31_000);
    await Promise.all([1, 2, 3].map((i) => server.outcomeOf(server.sign(`guess-${i}`, 'RS256', first))));
    expect(server.state.fetches).toBe(2);
  });

  test('go on while the set cannot be reached; tokens of other keys wait with KEYS_UNAVAILABLE', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    const token = server.sign('one', 'RS256', first);
    expect(await server.outcomeOf(token)).toBe('ada');
    server.state.answer = 'fail';
    server.clock.advance(31_000);
    expect(await server.outcomeOf(server.sign('two', 'ES256', second))).toBe('KEYS_UNAVAILABLE');
    expect(await server.outcomeOf(token)).toBe('ada');
    expect(server.state.fetches).toBe(2);
    expect(await server.outcomeOf(server.sign('two', 'ES256', second))).toBe('KEYS_UNAVAILABLE');
    expect(server.state.fetches).toBe(2);
  });

  test('are fetched again in the background when they are old, so that a withdrawn key goes', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    const token = server.sign('one', 'RS256', first);
    await server.outcomeOf(token);
    server.state.keys = [toJwk('two', 'ES256', second)];
    server.clock.advance(601_000);
    expect(await server.outcomeOf(token)).toBe('ada');
    await expect.poll(() => server.outcomeOf(token)).toBe('TOKEN_KEY_UNKNOWN');
  });

  test('that were never fetched are KEYS_UNAVAILABLE until the set answers, with a pause between tries', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    const token = server.sign('one', 'RS256', first);
    for (const answer of ['fail', 'not JSON', '{"keys":5}', `{"keys":[],"x":"${'x'.repeat(1_100_000)}"}`]) {
      server.state.answer = answer;
      expect(await server.outcomeOf(token)).toBe('KEYS_UNAVAILABLE');
      expect(await server.outcomeOf(token)).toBe('KEYS_UNAVAILABLE');
      server.clock.advance(5_001);
    }
    expect(server.state.fetches).toBe(4);
    server.state.answer = undefined;
    expect(await server.outcomeOf(token)).toBe('ada');
  });

  test('are pinned to their algorithm, to the configured ones and to a fair size', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first), toJwk('small', 'RS256', small)]);
    expect(await server.outcomeOf(server.sign('one', 'ES256', second))).toBe('TOKEN_ALGORITHM_REFUSED');
    expect(await server.outcomeOf(jwt.sign({ sub: 'a' }, 's'.repeat(32), { keyid: 'one' }))).toBe(
      'TOKEN_ALGORITHM_REFUSED',
    );
    expect(await server.outcomeOf(server.sign('small', 'RS256', small))).not.toBe('ada');
  });

  test('serve a token without a kid only when just one fits', async () => {
    await using server = await startKeyServer([toJwk('one', 'RS256', first)]);
    expect(await server.outcomeOf(server.sign(undefined, 'RS256', first))).toBe('ada');
    server.state.keys.push(toJwk('three', 'RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })));
    server.clock.advance(601_000);
    await expect.poll(() => server.outcomeOf(server.sign(undefined, 'RS256', first))).toBe('TOKEN_KEY_UNKNOWN');
  });
});
