// What a search compares, the same for all engines: words without case and accents.

/** Scripts that put no space between words: each sign stands for itself. */
const unspaced =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}';
const word = new RegExp(`[${unspaced}]|(?:(?![${unspaced}])[\\p{L}\\p{N}])+`, 'gu');
const plain = /[a-z0-9]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is meant
const ascii = /^[\x00-\x7f]*$/;

/** Longer words are found by their beginning. */
const maxWord = 64;

/** The words of a text in their order, each once. */
export function searchWords(text: string): string[] {
  const words = ascii.test(text)
    ? text.toLowerCase().match(plain)
    : text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(word);
  if (!words) return [];
  const short = text.length <= maxWord || !words.some(({ length }) => length > maxWord);
  return [...new Set(short ? words : words.map((it) => it.slice(0, maxWord)))];
}

/** Shorter ones stand for themselves: a single letter begins a word of nearly every text. */
const minUnfinished = 2;

/** Whether the last word of a query may be the beginning of another. */
export const mayBeUnfinished = (word: string): boolean => word.length >= minUnfinished;

/** Whether a text with these words is found by those of a query: all of them, the last one perhaps unfinished. */
export function wordsMatch(words: readonly string[], query: readonly string[]): boolean {
  const last = query.at(-1);
  if (last === undefined) return false;
  const begins = (word: string) => word === last && mayBeUnfinished(word) && words.some((it) => it.startsWith(word));
  return query.every((word) => words.includes(word) || begins(word));
}
