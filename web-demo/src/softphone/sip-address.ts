// What people type to call somebody, as a SIP address (RFC 3261 section 19.1).

/** `ann`, `1000` or `+49 30 123` at that domain; an address with a scheme or a domain of its own as it is. */
export function toSipAddress(typed: string, domain: string): string | undefined {
  const text = typed.trim();
  if (text === '' || /[<>"\s]/.test(text.replace(/^[+0-9().\-/\s]+$/, ''))) return undefined;
  if (/^sips?:/i.test(text)) return text;
  if (text.includes('@')) return `sip:${text}`;
  const isNumber = /^\+?[0-9().\-/\s*#]+$/.test(text);
  const user = isNumber ? text.replace(/[().\-/\s]/g, '') : text;
  if (user === '' || user === '+') return undefined;
  // `#` begins a fragment elsewhere; in the user part it is written as an escape (RFC 3261 section 25.1).
  return `sip:${encodeURIComponent(user).replace(/%2B/g, '+')}@${domain}`;
}

/** How an address is shown: the user where the domain is one's own, else all of it. */
export function toShownAddress(
  uri: { readonly user?: string | undefined; readonly host: string },
  domain: string,
): string {
  const user = decode(uri.user ?? '');
  if (user === '') return uri.host;
  return uri.host === domain ? user : `${user}@${uri.host}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
