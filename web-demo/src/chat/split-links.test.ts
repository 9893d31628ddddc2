import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitLinks } from './split-links.ts';

function links(text: string): string[] {
  return splitLinks(text).flatMap((part) => (part.kind === 'link' ? [part.href] : []));
}

describe('splitLinks()', () => {
  test('an address in a sentence is a link without the sentence’s full stop', () => {
    expect(splitLinks('See https://example.org/a?b=c#d. Fine?')).toEqual([
      { kind: 'text', text: 'See ' },
      { kind: 'link', text: 'https://example.org/a?b=c#d', href: 'https://example.org/a?b=c#d' },
      { kind: 'text', text: '. Fine?' },
    ]);
  });

  test('a bracket that belongs to the address stays, one around the address does not', () => {
    expect(links('https://example.org/Go_(game)')).toEqual(['https://example.org/Go_(game)']);
    expect(links('(https://example.org/go)')).toEqual(['https://example.org/go']);
  });

  test('an address without a scheme goes to https', () => {
    expect(links('www.example.org/x')).toEqual(['https://www.example.org/x']);
  });

  test('addresses that would run something are text', () => {
    for (const text of ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'file:///etc/passwd']) {
      expect(links(text)).toEqual([]);
    }
  });

  test('an address that is none is text', () => {
    expect(splitLinks('http://[not')).toEqual([{ kind: 'text', text: 'http://[not' }]);
  });

  test('the parts together are the message, and links lead to the web only', () => {
    const pieces = fc.constantFrom(
      'https://',
      'www.',
      'a.b',
      ')',
      '(',
      '. ',
      '<b>',
      '"',
      'javascript:',
      '\n',
      'é',
      '😀',
      '/',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (drawn) => {
        const text = drawn.join('');
        const parts = splitLinks(text);
        expect(parts.map((part) => part.text).join('')).toBe(text);
        for (const part of parts) if (part.kind === 'link') expect(part.href).toMatch(/^https?:\/\//);
      }),
    );
  });
});
