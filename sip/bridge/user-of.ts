import { parseUri } from '../agent/messages/parse-uri.ts';

/** `100` of `sip:100@example.org`, `+4930123` of `tel:+49-30-123`; '' where there is none. */
export function userOf(text: string): string {
  const uri = parseUri(text);
  if (uri === undefined || uri.scheme === 'other') return '';
  return uri.scheme === 'tel' ? uri.number : (uri.user ?? '');
}
