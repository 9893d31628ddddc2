// `9NXX.`: digits and letters stand for themselves; X is a digit, Z one from 1, N one from 2, [2-5] one of those, and at the end
// `.` is one or more of anything, `!` any number of it. As in other telephone systems, and without what can run for ever.

export interface Pattern {
  readonly text: string;
  /** What `.` or `!` stood for, or ''; undefined: it does not match. */
  match(called: string): string | undefined;
}

const form = /^(?:[\d+*#XNZ]|\[[\d-]+\])*[.!]?$/;
const classes: Readonly<Record<string, string>> = { X: '[0-9]', Z: '[1-9]', N: '[2-9]' };

export function isPattern(text: string): boolean {
  return text.length > 0 && text.length <= 64 && form.test(text) && compile(text) !== undefined;
}

/** @throws {RangeError} for what {@link isPattern} says no to. */
export function parsePattern(text: string): Pattern {
  const expression = compile(text);
  if (expression === undefined || !form.test(text)) throw new RangeError(`${text} is no pattern such as 9NXX.`);
  return {
    text,
    match: (called) => {
      const found = expression.exec(called);
      return found === null ? undefined : (found[1] ?? '');
    },
  };
}

/** Each part takes one letter, and only the last one more: it is never tried twice. */
function compile(text: string): RegExp | undefined {
  const tail = text.endsWith('.') ? '(.+)' : text.endsWith('!') ? '(.*)' : '';
  const parts = (tail === '' ? text : text.slice(0, -1)).match(/\[[^\]]*\]|./g) ?? [];
  const body = parts.map((part) => classes[part] ?? (/^[+*]$/.test(part) ? `\\${part}` : part));
  try {
    return new RegExp(`^${body.join('')}${tail}$`, 's');
  } catch {
    // A range that goes down, as [5-2].
    return undefined;
  }
}
