const hidden = '…';

/** Header fields that hold what lets others in: the scheme stays, all else goes. */
const credentials = new Set([
  'authorization',
  'proxy-authorization',
  'authentication-info',
  'proxy-authentication-info',
  'www-authenticate',
  'proxy-authenticate',
]);

/**
 * With SDP, the body that a trace is read for and whose secrets are known. Others may be anything: not even their size is kept, which is
 * as long as a PIN.
 */
const isFragment = /^message\/sipfrag\b/i;

/**
 * The text of a message without what must not be kept: credentials, keys of media, digits that somebody typed (a PIN looks like any
 * others) and the words of messages. Works on bytes that are no message as well; then nothing but the first line's beginning is left.
 */
export function redact(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return `(${bytes.length} bytes that are no message)`;
  const head = text.slice(0, end);
  const body = text.slice(end + 4);
  const [, type = ''] = contentType.exec(head) ?? [];
  const shown = hideInUris(mayHoldCredentials.test(head) ? hideCredentials(head) : head);
  return `${shown}\r\n\r\n${body === '' ? '' : redactBody(body, type.trim())}`;
}

/** Most messages hold none, and need no look at each of their lines. */
const mayHoldCredentials = /auth/i;
const contentType = /^(?:content-type|c)[ \t]*:(.*)/im;

function hideCredentials(head: string): string {
  const lines: string[] = [];
  let hiding = false;
  for (const line of head.split('\r\n')) {
    // A folded line belongs to the field before it (RFC 3261 section 7.3.1).
    const folded = line.startsWith(' ') || line.startsWith('\t');
    if (folded && hiding) continue;
    const colon = line.indexOf(':');
    if (!folded) hiding = colon >= 0 && credentials.has(line.slice(0, colon).trim().toLowerCase());
    lines.push(hiding ? schemeOnly(line, colon) : line);
  }
  return lines.join('\r\n');
}

function schemeOnly(line: string, colon: number): string {
  const [, scheme = ''] = /^\s*(Digest|Basic|Bearer)\b/i.exec(line.slice(colon + 1)) ?? [];
  return `${line.slice(0, colon)}: ${scheme === '' ? hidden : `${scheme} ${hidden}`}`;
}

/** A password in a URI (RFC 3261 section 19.1.1): `sip:alice:secret@…`. */
function hideInUris(text: string): string {
  return text.includes('@') ? text.replace(/(sips?:[^@:;<>\s]*):[^@<>\s]*@/gi, `$1:${hidden}@`) : text;
}

function redactBody(body: string, type: string): string {
  const isSdp = /^application\/sdp\b/i.test(type) || (type === '' && body.startsWith('v=0'));
  if (isSdp) return redactSdp(body);
  return isFragment.test(type) ? redactFragment(body) : `(a body of ${type || 'no type'})\r\n`;
}

/** A piece of a message (RFC 3420): it may have credentials, and a body of its own. */
function redactFragment(fragment: string): string {
  const text = fragment.replace(/\r?\n/g, '\r\n');
  const end = text.indexOf('\r\n\r\n');
  const head = hideInUris(hideCredentials(end < 0 ? text : text.slice(0, end)));
  const hasBody = end >= 0 && text.length > end + 4;
  return `${head}${end < 0 ? '' : '\r\n\r\n'}${hasBody ? '(a body within it)\r\n' : ''}`;
}

/** Keys of SDES (RFC 4568), of `k=` (RFC 8866 section 5.12), and the passwords of ICE. */
function redactSdp(body: string): string {
  return body
    .replace(/^(a=crypto:\s*\S+\s+\S+)\s.*$/gim, `$1 ${hidden}`)
    .replace(/inline:[^\s;]+/gi, `inline:${hidden}`)
    .replace(/^k=.*$/gim, `k=${hidden}`)
    .replace(/^(a=ice-pwd:).*$/gim, `$1${hidden}`)
    .replace(/^(a=key-mgmt:\s*\S+)\s.*$/gim, `$1 ${hidden}`);
}
