import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { type DigestAlgorithm, hashUser } from '../agent/digest/algorithms.ts';
import { DigestClient } from '../agent/digest/digest-client.ts';
import { Nonces } from '../agent/digest/nonces.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { Authenticator, type AuthenticatorOptions, md5First } from './authenticator.ts';
import type { Source } from './incoming-call.ts';

const realm = 'parley.example';
const about = { method: 'REGISTER', uri: 'sip:parley.example', body: '' };
const source: Source = { address: '203.0.113.7', port: 5060, protocol: 'udp' };

function open(options: Partial<AuthenticatorOptions> = {}) {
  const clock = new FakeClock();
  const refused: string[] = [];
  const make = (nonces: Nonces) =>
    new Authenticator({
      realm,
      nonces,
      find: async (user: string, algorithm: DigestAlgorithm) =>
        user === 'ann' ? hashUser(algorithm, 'ann', realm, 'right') : undefined,
      refused: ({ address }) => refused.push(address),
      ...options,
    });
  const authenticator = make(new Nonces(clock));
  const name = options.as === 'proxy' ? 'Proxy-Authorization' : 'Authorization';
  const check = (credentials?: string, by = authenticator) =>
    by.check({ ...about, source, headers: SipHeaders.of(credentials === undefined ? [] : [[name, credentials]]) });
  const ask = async (credentials?: string) => {
    const asked = await check(credentials);
    const headers = asked.user === undefined ? asked.headers : {};
    const text = headers['WWW-Authenticate'] ?? headers['Proxy-Authenticate'] ?? '';
    return { ...asked, challenges: text.split(/, (?=Digest )/) };
  };
  const answer = (challenges: readonly string[], password = 'right', user = 'ann') =>
    new DigestClient({ user, password }).answer(challenges, { ...about, body: new Uint8Array() }, false) ?? '';
  return { clock, check, ask, answer, refused, make };
}

test('who says nothing is asked, and let in with the password', async () => {
  const { ask, check, answer } = open();
  const asked = await ask();
  expect(asked).toMatchObject({ status: 401 });
  expect(asked.challenges.map((text) => /algorithm=([\w-]+)/.exec(text)?.[1])).toEqual([
    'SHA-512-256',
    'SHA-256',
    'MD5',
  ]);
  expect(await check(answer(asked.challenges))).toEqual({ user: 'ann' });
});

test('a proxy asks with 407', async () => {
  const { ask, check, answer } = open({ as: 'proxy' });
  const asked = await ask();
  expect(asked).toMatchObject({ status: 407 });
  expect(await check(answer(asked.challenges))).toEqual({ user: 'ann' });
});

test('MD5 may come first, for phones that look no further', async () => {
  const { ask, check, answer } = open({ algorithms: md5First });
  const [first = ''] = (await ask()).challenges;
  expect(first).toContain('algorithm=MD5');
  expect(await check(answer([first]))).toEqual({ user: 'ann' });
});

describe('the right password', () => {
  test('with a count that was there is asked again, with another nonce, and with stale=true', async () => {
    const { ask, check, answer, refused } = open();
    const asked = await ask();
    const sent = answer(asked.challenges);
    expect(await check(sent)).toEqual({ user: 'ann' });
    const again = await ask(sent);
    expect(again).toMatchObject({ status: 401 });
    expect(again.challenges.every((text) => text.includes('stale=true'))).toBe(true);
    expect(again.challenges[0]).not.toContain(/nonce="([^"]+)"/.exec(sent)?.[1]);
    expect(await check(answer(again.challenges))).toEqual({ user: 'ann' });
    expect(refused).toEqual([]);
  });

  test('with a nonce of before a restart, or one that is old, is asked again', async () => {
    const { ask, check, answer, make, clock, refused } = open();
    const sent = answer((await ask()).challenges);
    expect(await check(sent, make(new Nonces(clock)))).toMatchObject({ status: 401 });
    clock.advance(300_001);
    const again = await ask(sent);
    expect(again.challenges[0]).toContain('stale=true');
    expect(await check(answer(again.challenges))).toEqual({ user: 'ann' });
    expect(refused).toEqual([]);
  });
});

test('a wrong password and a user that is none get 403, and count against their source, replayed or not', async () => {
  const { ask, check, answer, refused } = open();
  const { challenges } = await ask();
  const wrong = answer(challenges, 'wrong');
  for (const credentials of [wrong, wrong, answer(challenges, 'right', 'ben')])
    expect(await check(credentials)).toEqual({ user: undefined, status: 403, headers: {} });
  expect(refused).toEqual(['203.0.113.7', '203.0.113.7', '203.0.113.7']);
});

test.each(['Digest realm="parley.example"', `Digest realm="parley.example", nonce="${'x'.repeat(4_000)}"`])(
  'credentials that are none are 400: %s',
  async (text) => {
    const { check, refused } = open();
    expect(await check(text)).toMatchObject({ status: 400 });
    expect(refused).toEqual([]);
  },
);
