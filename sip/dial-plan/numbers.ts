/** How numbers are written where they come from, and where they go. */
export interface NumberRules {
  /** Country calling code without `+`; '' leaves numbers as they are. */
  readonly country: string;
  /** What stands before a number of the same country, as `0`; '' where nothing does. */
  readonly national: string;
  /** What stands before the country code, as `00` or `011`. */
  readonly international: string;
  /** So many digits without anything before them are a number of the country, as 10 in North America; 0: none are. */
  readonly nationalDigits: number;
}

/** As a trunk wants them: `+4930123`, `4930123`, `030123`, or as they are. */
export type NumberFormat = 'e164' | 'digits' | 'national' | 'as-is';

/** Seven digits are the shortest that anybody dials with a country code, 15 the longest (E.164). */
const e164 = /^\+[1-9]\d{6,14}$/;
/** Networks dial the first digits of a number that is too long: limits have to see what it begins with. */
const dialledAsE164 = /^\+[1-9]\d{6,}$/;
/** What is dialled: digits, star and pound, with separators that people write. */
const dialled = /^\+?[\d*#\s().\-/]+$/;

export function isE164(number: string): boolean {
  return e164.test(number);
}

/** Without what is not dialled; undefined where it is a name, as in `sip:support@…`. */
export function digitsOf(text: string): string | undefined {
  const [main = ''] = text.split(';');
  if (!dialled.test(main) || !/[\d*#]/.test(main)) return undefined;
  // `+49 (0)30 …`: the zero is for those who dial it in the country.
  const world = main.startsWith('+') ? main.replace('(0)', '') : main;
  return world.replace(/[\s().\-/]/g, '');
}

/**
 * A number in E.164 where the rules make it one; otherwise its digits: `100` and `112` are nobody's abroad. A name stays as it is.
 * `withoutPlus`: whoever sends it leaves the `+` out.
 */
export function normalise(text: string, rules: NumberRules, withoutPlus = false): string {
  const digits = digitsOf(text);
  if (digits === undefined) return text;
  if (digits.startsWith('+')) return digits;
  const { country, national, international, nationalDigits } = rules;
  const toE164 = (number: string) => (dialledAsE164.test(number) ? number : digits);
  if (international !== '' && digits.startsWith(international)) return toE164(`+${digits.slice(international.length)}`);
  if (withoutPlus && dialledAsE164.test(`+${digits}`)) return `+${digits}`;
  if (country === '') return digits;
  if (nationalDigits > 0 && digits.length === nationalDigits) return toE164(`+${country}${digits}`);
  if (national !== '' && digits.startsWith(national)) return toE164(`+${country}${digits.slice(national.length)}`);
  return digits;
}

/** The other way round. What is no number of the world, as `112`, goes as it is. */
export function formatNumber(number: string, format: NumberFormat, rules: NumberRules): string {
  if (!isE164(number) || format === 'as-is' || format === 'e164') return number;
  if (format === 'digits') return number.slice(1);
  const { country, national, international } = rules;
  if (country !== '' && number.startsWith(`+${country}`)) return `${national}${number.slice(country.length + 1)}`;
  return `${international}${number.slice(1)}`;
}
