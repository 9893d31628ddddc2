const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** “Ada Lovelace” → “AL”, “ben” → “B”, “👩‍🚀 Mae” → “👩‍🚀M”; “?” for a name without a letter. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last].map((word) => (word === undefined ? '' : firstGrapheme(word).toLocaleUpperCase())).join('');
}

/** “+49 (30) 123-45” or “*98”: somebody of whom no more is known. */
export function isNumber(name: string): boolean {
  return /\d/.test(name) && /^[+\d\s().\-/*#]+$/.test(name);
}

function firstGrapheme(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment;
  return '';
}

const hues = [12, 38, 72, 128, 158, 188, 214, 242, 268, 296, 324, 350] as const;

/** The same person has the same colour on every page: a hue in degrees. */
export function personHue(identity: string): number {
  let hash = 0;
  for (const character of identity) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hues[hash % hues.length] ?? 158;
}
