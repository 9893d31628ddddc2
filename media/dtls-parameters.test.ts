import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DtlsParameters } from '../proto/gen/types.ts';
import { fingerprint } from '../test/support/rtp-parameters.ts';
import { checkDtlsParameters } from './dtls-parameters.ts';

const check = (fingerprints: { algorithm: string; value: string }[]) => () =>
  checkDtlsParameters({ role: 'auto', fingerprints } as DtlsParameters);

describe('checkDtlsParameters()', () => {
  test('lets pass a fingerprint of every hash, in either case', () => {
    for (const [algorithm, octets] of [
      ['sha-1', 20],
      ['sha-224', 28],
      ['sha-256', 32],
      ['sha-384', 48],
      ['sha-512', 64],
    ] as const) {
      for (const octet of ['AB', 'ab']) {
        expect(check([{ algorithm, value: Array(octets).fill(octet).join(':') }])).not.toThrow();
      }
    }
  });

  test.each([
    ['no fingerprint', [], /fingerprints is empty/],
    [
      'a hash that nobody knows',
      [{ algorithm: 'md5', value: fingerprint }],
      /fingerprints\[0\]\.algorithm is not known: md5/,
    ],
    ['a value of another hash', [{ algorithm: 'sha-512', value: fingerprint }], /has 32 octets, sha-512 has 64/],
    ['an empty value', [{ algorithm: 'sha-256', value: '' }], /not hexadecimal/],
    [
      'a second one that is wrong',
      [
        { algorithm: 'sha-256', value: fingerprint },
        { algorithm: 'sha-256', value: `${fingerprint}:` },
      ],
      /fingerprints\[1\]\.value is not hexadecimal/,
    ],
  ])('refuses %s', (_, fingerprints, problem) => {
    expect(check(fingerprints)).toThrow(
      expect.objectContaining({ reason: 'DTLS_PARAMETERS_REFUSED', message: expect.stringMatching(problem) }),
    );
  });

  test('refuses whatever is no fingerprint', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (value) => {
        expect(check([{ algorithm: 'sha-256', value }])).toThrow();
      }),
    );
  });
});
