// What several parts of a plan have.

import { type DigestAlgorithm, digestAlgorithms } from '../../agent/digest/algorithms.ts';
import { parseUri } from '../../agent/messages/parse-uri.ts';
import { Networks } from '../../agent/transports/endpoint.ts';
import type { TrunkMedia } from '../../trunks/route.ts';
import { digitsOf, type NumberRules } from '../numbers.ts';
import { isPattern } from '../pattern.ts';
import type { UserSecret } from '../plan-data.ts';
import type { Fields, TextRule } from './fields.ts';

export const isName: TextRule = {
  check: (text) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(text),
  expects: 'a name of letters, digits, dots and dashes',
};
export const isDialled: TextRule = {
  check: (text) => digitsOf(text) !== undefined,
  expects: 'a number as in 100 or +4930123456',
};
export const isPrefix: TextRule = {
  check: (text) => /^\+?[\d*#]{0,20}$/.test(text) && text !== '',
  expects: 'the beginning of a number, as in +49 or 9',
};
export const isNumberPattern: TextRule = { check: isPattern, expects: 'a pattern as in 9NXX. or +49[2-5]X.' };
export const isNetwork: TextRule = {
  check: (text) => {
    try {
      return new Networks([text]) !== undefined;
    } catch {
      return false;
    }
  },
  expects: 'an address or a block as in 198.51.100.0/24',
};
export const isSipUri: TextRule = {
  check: (text) => {
    const { scheme } = parseUri(text) ?? {};
    return scheme === 'sip' || scheme === 'sips';
  },
  expects: 'a SIP URI as in sip:sip.example.org;transport=tcp',
};
export const isHeaderName: TextRule = {
  check: (text) => /^[A-Za-z][\w-]{0,63}$/.test(text),
  expects: 'the name of a header field as in X-Customer',
};
export const isTimeZone: TextRule = {
  check: (text) => {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined;
    } catch {
      return false;
    }
  },
  expects: 'a time zone as in Europe/Berlin',
};

const isCountry: TextRule = { check: (text) => /^[1-9]\d{0,2}$/.test(text), expects: 'a country code as in 49' };
const isAccessCode: TextRule = { check: (text) => /^\d{0,5}$/.test(text), expects: 'digits as in 0 or 00' };

/** What is left out is as in `base`. */
export function readNumbers(fields: Fields, base: NumberRules | undefined): NumberRules {
  const rules: NumberRules = {
    country: fields.text('country', isCountry) ?? base?.country ?? '',
    national: fields.text('national', isAccessCode) ?? base?.national ?? '0',
    international: fields.text('international', isAccessCode) ?? base?.international ?? '00',
    nationalDigits: fields.integer('nationalDigits', { min: 0, max: 14, default: base?.nationalDigits ?? 0 }),
  };
  if (base === undefined) fields.end();
  return rules;
}

/** `password`, or `hashes` with H(A1) by algorithm. Undefined: neither. */
export function readSecret(fields: Fields): UserSecret | undefined {
  const password = fields.text('password');
  const section = fields.section('hashes');
  const hashes: Partial<Record<DigestAlgorithm, string>> = {};
  for (const algorithm of digestAlgorithms) {
    const hash = section.text(algorithm);
    if (hash === undefined) continue;
    if (!/^[\da-f]{32}(?:[\da-f]{32})?$/.test(hash))
      section.problem(algorithm, 'must be 32 or 64 digits of 0-9 and a-f');
    hashes[algorithm] = hash;
  }
  section.end();
  if (password !== undefined && fields.has('hashes'))
    fields.problem('hashes', 'stand beside a password: one is enough');
  if (password === '') fields.problem('password', 'must not be empty');
  if (password !== undefined) return { password };
  return fields.has('hashes') ? { hashes } : undefined;
}

/** How the calls of a trunk, or of users, are heard. */
export function readMedia(fields: Fields): TrunkMedia {
  const codecs = ['opus', 'G722', 'PCMU', 'PCMA'] as const;
  const media: TrunkMedia = {
    codecs: fields.someOf('codecs', codecs, codecs),
    srtp: fields.oneOf('srtp', ['never', 'optional', 'required'] as const, 'optional'),
    inBandDtmf: fields.yesOrNo('inBandDtmf', false),
    levelControl: fields.yesOrNo('levelControl', false),
    noiseGate: fields.yesOrNo('noiseGate', false),
    comfortNoise: fields.yesOrNo('comfortNoise', true),
  };
  fields.end();
  return media;
}
