const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** One line of a message, cut between letters. */
export function excerpt(text: string, length = 120): string {
  // Text that is far too long is not segmented as a whole.
  const line = text
    .slice(0, length * 8)
    .replace(/\s+/g, ' ')
    .trim();
  const letters = [...graphemes.segment(line)];
  if (letters.length <= length) return line;
  return `${letters
    .slice(0, length)
    .map(({ segment }) => segment)
    .join('')
    .trimEnd()}…`;
}
