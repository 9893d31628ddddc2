import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { afterAll, describe, expect, test } from 'vitest';
import { AppError, type ErrorReason } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { silentLogger } from '../../core/log.ts';
import type { IdentityOptions, TokenKey } from './identity-options.ts';
import { JwtVerifier } from './jwt-verifier.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const secret = randomBytes(32).toString('base64url');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const rsaPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string;

function writeKey(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const keys: readonly TokenKey[] = [
  { kid: 'hs', algorithm: 'HS256', secret, file: '' },
  { kid: 'rs', algorithm: 'RS256', secret: '', file: writeKey('rsa.pem', rsaPem) },
  {
    kid: 'es',
    algorithm: 'ES256',
    secret: '',
    file: writeKey('ec.pem', ec.publicKey.export({ type: 'spki', format: 'pem' }) as string),
  },
];

const clock = new FakeClock();
const nowSeconds = clock.nowMs() / 1000;
const payload = {
  sub: 'ada',
  name: 'Ada',
  exp: nowSeconds + 60,
  grants: [{ room: 'team-*', can: ['join', 'publish'] }],
};

function createVerifier(options: Partial<IdentityOptions> = {}): JwtVerifier {
  const defaults = { keys, jwksUrl: '', jwksAlgorithms: [], issuer: '', audience: '', leewaySeconds: 5 } as const;
  return new JwtVerifier({ ...defaults, ...options }, { clock, log: silentLogger });
}

function sign(
  claims: object,
  options: jwt.SignOptions = {},
  key: KeyObject = createSecretKey(Buffer.from(secret)),
): string {
  return jwt.sign(claims, key, { algorithm: 'HS256', keyid: 'hs', noTimestamp: true, ...options });
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token made by hand, for headers that no library would write. */
function forge(header: object, claims: unknown, hmacKey: string | Buffer = secret): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', hmacKey).update(signed).digest('base64url')}`;
}

async function reasonOf(token: string, verifier = createVerifier()): Promise<ErrorReason> {
  const error = await verifier.verify(token).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error('expected an AppError', { cause: error });
  return error.reason;
}

describe('verify() takes', () => {
  test('tokens of each algorithm, by the kid in their header', async () => {
    const verifier = createVerifier();
    const expected = {
      identity: 'ada',
      name: 'Ada',
      metadata: '',
      expiresAtMs: (payload.exp + 5) * 1000,
      grants: [{ room: 'team-*', can: ['join', 'publish:audio', 'publish:video', 'publish:screen', 'publish:data'] }],
    };
    expect(await verifier.verify(sign(payload))).toEqual(expected);
    expect(await verifier.verify(sign(payload, { algorithm: 'RS256', keyid: 'rs' }, rsa.privateKey))).toEqual(expected);
    expect(await verifier.verify(sign(payload, { algorithm: 'ES256', keyid: 'es' }, ec.privateKey))).toEqual(expected);
  });

  test('a token without a kid when there is one key', async () => {
    const token = forge({ alg: 'HS256' }, payload);
    expect((await createVerifier({ keys: keys.slice(0, 1) }).verify(token)).identity).toBe('ada');
    expect(await reasonOf(token)).toBe('TOKEN_KEY_UNKNOWN');
  });

  test('clocks that differ by less than the leeway', async () => {
    const verifier = createVerifier({ leewaySeconds: 5 });
    const token = sign({ ...payload, exp: nowSeconds - 4, nbf: nowSeconds + 4 });
    const { identity, expiresAtMs } = await verifier.verify(token);
    expect(identity).toBe('ada');
    expect(expiresAtMs).toBe((nowSeconds + 1) * 1000);
  });

  test('the audience in a list', async () => {
    const verifier = createVerifier({ audience: 'parley', issuer: 'https://id.example' });
    const token = sign({ ...payload, aud: ['other', 'parley'], iss: 'https://id.example' });
    expect((await verifier.verify(token)).identity).toBe('ada');
  });
});

describe('verify() refuses, each with its own reason,', () => {
  test('what is not a token', async () => {
    expect(await reasonOf('')).toBe('TOKEN_MISSING');
    for (const text of ['x', 'a.b', 'a.b.c', '...', `${sign(payload)}.x`, 'é.é.é', `${encode([])}.${encode({})}.AA`]) {
      expect(await reasonOf(text), text).toBe('TOKEN_MALFORMED');
    }
    expect(await reasonOf(`${sign(payload)}${'A'.repeat(9000)}`)).toBe('TOKEN_MALFORMED');
    expect(await reasonOf(forge({ alg: 'HS256', kid: 'hs' }, 'text'))).toBe('TOKEN_MALFORMED');
    expect(await reasonOf(forge({ alg: 'HS256', kid: 7 }, payload))).toBe('TOKEN_MALFORMED');
  });

  test('tokens without a signature', async () => {
    const body = encode(payload);
    for (const alg of ['none', 'None', 'NONE']) {
      expect(await reasonOf(`${encode({ alg, kid: 'hs' })}.${body}.`)).toBe('TOKEN_UNSIGNED');
      expect(await reasonOf(`${encode({ alg, kid: 'hs' })}.${body}.AAAA`)).toBe('TOKEN_UNSIGNED');
    }
    expect(await reasonOf(`${encode({ alg: 'HS256', kid: 'hs' })}.${body}.`)).toBe('TOKEN_UNSIGNED');
  });

  test('a public key used as the secret of an HMAC', async () => {
    expect(await reasonOf(forge({ alg: 'HS256', kid: 'rs' }, payload, rsaPem))).toBe('TOKEN_ALGORITHM_REFUSED');
    const onlyRsa = createVerifier({ keys: keys.slice(1, 2) });
    expect(await reasonOf(forge({ alg: 'HS256' }, payload, rsaPem), onlyRsa)).toBe('TOKEN_ALGORITHM_REFUSED');
  });

  test('another algorithm than that of the key, even where the key could do it', async () => {
    const token = sign(payload, { algorithm: 'HS512' });
    expect(await reasonOf(token)).toBe('TOKEN_ALGORITHM_REFUSED');
    expect(await reasonOf(sign(payload, { algorithm: 'PS256', keyid: 'rs' }, rsa.privateKey))).toBe(
      'TOKEN_ALGORITHM_REFUSED',
    );
  });

  test('unknown keys and foreign signatures', async () => {
    expect(await reasonOf(sign(payload, { keyid: 'other' }))).toBe('TOKEN_KEY_UNKNOWN');
    expect(await reasonOf(sign(payload, {}, createSecretKey(randomBytes(32))))).toBe('TOKEN_SIGNATURE_INVALID');
    const foreign = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
    expect(await reasonOf(sign(payload, { algorithm: 'ES256', keyid: 'es' }, foreign))).toBe('TOKEN_SIGNATURE_INVALID');
  });

  test('times', async () => {
    expect(await reasonOf(sign({ ...payload, exp: nowSeconds - 6 }))).toBe('TOKEN_EXPIRED');
    expect(await reasonOf(sign({ ...payload, nbf: nowSeconds + 6 }))).toBe('TOKEN_NOT_YET_VALID');
  });

  test('audiences and issuers', async () => {
    const verifier = createVerifier({ audience: 'parley', issuer: 'https://id.example' });
    expect(await reasonOf(sign(payload), verifier)).toBe('TOKEN_WRONG_AUDIENCE');
    expect(await reasonOf(sign({ ...payload, aud: 'parley' }), verifier)).toBe('TOKEN_WRONG_ISSUER');
    expect(await reasonOf(sign({ ...payload, aud: ['x'], iss: 'https://id.example' }), verifier)).toBe(
      'TOKEN_WRONG_AUDIENCE',
    );
  });

  test('critical extensions that it does not know', async () => {
    const token = forge({ alg: 'HS256', kid: 'hs', crit: ['b64'], b64: false }, payload);
    expect(await reasonOf(token)).toBe('TOKEN_CLAIMS_INVALID');
  });

  test('the signature before the claims: a foreign token learns nothing of what it lacks', async () => {
    const foreign = sign({}, {}, createSecretKey(randomBytes(32)));
    expect(await reasonOf(foreign)).toBe('TOKEN_SIGNATURE_INVALID');
  });
});

describe('fuzzing', () => {
  const seed = 20_251;
  const tokens = [
    sign(payload),
    sign(payload, { algorithm: 'RS256', keyid: 'rs' }, rsa.privateKey),
    sign(payload, { algorithm: 'ES256', keyid: 'es' }, ec.privateKey),
  ];
  const verifier = createVerifier();

  test('a token with any one character changed, added or taken out never verifies, and only AppErrors come', async () => {
    const letters = 'ABCXYZabcxyz0189-_.=+/ \u0000é'.split('');
    const mutation = fc.tuple(
      fc.constantFrom(...tokens),
      fc.nat(),
      fc.constantFrom(...letters),
      fc.constantFrom('set', 'add', 'cut'),
    );
    await fc.assert(
      fc.asyncProperty(mutation, async ([token, position, letter, kind]) => {
        const at = position % token.length;
        const mutated = token.slice(0, at) + (kind === 'cut' ? '' : letter) + token.slice(kind === 'add' ? at : at + 1);
        fc.pre(mutated !== token);
        await reasonOf(mutated, verifier);
      }),
      { seed, numRuns: 2000 },
    );
  });

  test('every other last character of a signature is refused: one signature has one spelling', async () => {
    for (const token of tokens) {
      for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
        const mutated = token.slice(0, -1) + letter;
        if (mutated !== token) await reasonOf(mutated, verifier);
      }
    }
  });

  test('headers and payloads swapped between tokens never verify', async () => {
    const parts = tokens.map((token) => token.split('.'));
    for (const [i, [header]] of parts.entries()) {
      for (const [j, [, , signature]] of parts.entries()) {
        if (i !== j) await reasonOf(`${header}.${parts[0]![1]}.${signature}`, verifier);
      }
    }
  });

  test('any text and any signed JSON ends in claims or an AppError', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => void (await reasonOf(text, verifier))),
      { seed, numRuns: 500 },
    );
    const claims = fc.record(
      {
        sub: fc.oneof(fc.string(), fc.jsonValue()),
        exp: fc.oneof(fc.constant(payload.exp), fc.double(), fc.jsonValue()),
        nbf: fc.jsonValue(),
        name: fc.jsonValue(),
        metadata: fc.jsonValue(),
        grants: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record({
              room: fc.oneof(fc.constant('a-*'), fc.jsonValue()),
              can: fc.oneof(fc.constant(['join']), fc.jsonValue()),
            }),
          ),
        ),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(claims, async (candidate) => {
        const outcome = await verifier
          .verify(forge({ alg: 'HS256', kid: 'hs' }, candidate))
          .catch((error: unknown) => error);
        if (outcome instanceof AppError) return outcome.reason.startsWith('TOKEN_');
        return typeof (outcome as { identity: unknown }).identity === 'string';
      }),
      { seed, numRuns: 2000 },
    );
  });
});

describe('keys that cannot be used stop the start', () => {
  const load = (key: Partial<TokenKey>) =>
    createVerifier({ keys: [{ kid: 'k', algorithm: 'RS256', secret: '', file: '', ...key }] });

  test.each([
    ['a file that is not there', { file: join(folder, 'absent.pem') }, 'cannot be read'],
    ['a file that is no key', { file: writeKey('junk.pem', 'junk') }, 'is not a public key'],
    [
      'a private key',
      { file: writeKey('private.pem', rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string) },
      'private key',
    ],
    ['a key of another type', { algorithm: 'ES256', file: join(folder, 'rsa.pem') }, 'P-256'],
    ['an elliptic key for RSA', { file: join(folder, 'ec.pem') }, 'needs rsa'],
    [
      'a small RSA key',
      {
        file: writeKey(
          'small.pem',
          generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({
            type: 'spki',
            format: 'pem',
          }) as string,
        ),
      },
      'less than 2048 bits',
    ],
    ['a short secret in a file', { algorithm: 'HS256', file: writeKey('short', 'short\n') }, 'less than 32 bytes'],
  ] as const)('%s', (_, key, message) => {
    expect(() => load(key)).toThrow(message);
  });

  test('a secret in a file may end with a line feed', async () => {
    const file = writeKey('secret', `${secret}\n`);
    const verifier = load({ algorithm: 'HS256', file });
    expect((await verifier.verify(forge({ alg: 'HS256', kid: 'k' }, payload))).identity).toBe('ada');
  });
});
