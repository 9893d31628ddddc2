// Finds links in a message. The result is text and hrefs for elements: message text never becomes markup.

export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

const candidate = /\b(?:https?:\/\/|www\.)[^\s<>"“”]+/giu;
const closing: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };

export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    const found = withoutSentenceEnd(match[0]);
    const href = toHref(found);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ kind: 'text', text: text.slice(end, match.index) });
    parts.push({ kind: 'link', text: found, href });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ kind: 'text', text: text.slice(end) });
  return parts;
}

/** “(see https://example.org/a).” means the address without what closes the sentence; “…/Go_(game)” keeps its bracket. */
function withoutSentenceEnd(link: string): string {
  let kept = link;
  for (;;) {
    const last = kept.at(-1) ?? '';
    const opening = closing[last];
    const unbalanced = opening !== undefined && count(kept, last) > count(kept, opening);
    if (!unbalanced && !/[.,;:!?'’*_~]/.test(last)) return kept;
    kept = kept.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function toHref(link: string): string | undefined {
  const address = /^www\./i.test(link) ? `https://${link}` : link;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  // Only the web: `javascript:` and its like never get this far, and here is the place that holds it.
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}
