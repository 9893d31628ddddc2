// What may go out by a trunk: digits that everybody reads alike. What limits do not understand, a network may: it strips `*31#`, takes
// letters for keys, or reads `88…` as `+88…`.

import { isE164, type NumberRules, normalise } from './numbers.ts';

/** E.164. */
const mostDigits = 15;
/** Shorter ones are extensions and services. */
const leastOfWorld = 7;

/** Why a number is none that limits understand; undefined: it is plain. */
export function whyNotPlain(number: string, { international }: Pick<NumberRules, 'international'>): string | undefined {
  if (number === '') return 'nothing was dialled';
  const strange = [...new Set(number.startsWith('+') ? number.slice(1) : number)].filter(
    (letter) => !/\d/.test(letter),
  );
  if (strange.length > 0) return `it has ${strange.slice(0, 4).map(nameOf).join(' ')} in it`;
  const digits = number.replace('+', '');
  if (digits.length > mostDigits) return `it has more than ${mostDigits} digits`;
  if (number.startsWith('+')) return isE164(number) ? undefined : 'no number of the world begins so';
  const isAbroad = international !== '' && number.startsWith(international);
  return isAbroad ? `what follows ${international} is no number of the world` : undefined;
}

/**
 * All that a network may take a plain number for, itself first: the number of the world that it is by the trunk's own rules, with the
 * plus that was left out, or behind the prefix that the trunk puts there, and each without the zero that people write behind a country
 * code.
 */
export function readingsOf(number: string, rules: NumberRules & { readonly prefix: string }): readonly string[] {
  const { prefix } = rules;
  const readings = new Set([number, normalise(number, rules, true)]);
  if (prefix !== '' && number.startsWith(prefix)) readings.add(normalise(number.slice(prefix.length), rules, true));
  if (/^[1-9]\d*$/.test(number) && number.length >= leastOfWorld) readings.add(`+${number}`);
  for (const reading of [...readings]) readings.add(withoutZero(reading));
  return [...readings];
}

/** Country codes of one digit and of two; all others have three. */
const countryCode = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;

function withoutZero(number: string): string {
  const [code = ''] = countryCode.exec(number) ?? [];
  return code === '' ? number : `${code}${number.slice(code.length).replace(/^0+/, '')}`;
}

/** As it is where everybody can see it. */
function nameOf(letter: string): string {
  if (/^[\u0021-\u007e]$/.test(letter)) return letter;
  return `U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
