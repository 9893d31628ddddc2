const [comma, quote, backslash, opening, closing] = [0x2c, 0x22, 0x5c, 0x3c, 0x3e];

/** Cuts at a separator that stands neither in a quoted string nor between angle brackets. Empty parts fall away. */
export function splitOutside(text: string, separator: number): string[] {
  const parts: string[] = [];
  let [from, quoted, bracketed] = [0, false, false];
  const take = (to: number) => {
    const part = text.slice(from, to).trim();
    if (part !== '') parts.push(part);
    from = to + 1;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (quoted) {
      if (char === backslash) at += 1;
      else if (char === quote) quoted = false;
    } else if (char === quote) quoted = !bracketed;
    else if (char === opening) bracketed = true;
    else if (char === closing) bracketed = false;
    else if (char === separator && !bracketed) take(at);
  }
  take(text.length);
  return parts;
}

/** The values of a list header: `a, "b, c" <sip:d,e@f>` has two. */
export function splitList(text: string): string[] {
  return splitOutside(text, comma);
}
