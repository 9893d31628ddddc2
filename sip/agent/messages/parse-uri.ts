import { noParameters, type Parameters, parseParameters } from './parameters.ts';
import { type HostPort, parseHostPort } from './parse-host-port.ts';

/** `sip:` and `sips:` (RFC 3261 section 19.1). */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  /** Without escapes; undefined without an @. */
  readonly user?: string;
  /** Deprecated by the RFC, kept because peers send it. Never written to a log. */
  readonly password?: string;
  readonly host: string;
  readonly port?: number;
  /** Names in lower case, escapes resolved. */
  readonly parameters: Parameters;
  /** `?Replaces=…`: names as they are written, escapes resolved. */
  readonly headers: Parameters;
}

/** `tel:` (RFC 3966). */
export interface TelUri {
  readonly scheme: 'tel';
  /** With its `+` where it is global, without visual separators. */
  readonly number: string;
  readonly parameters: Parameters;
}

/** Anything else, as `urn:service:sos`: kept, never understood. */
export interface OtherUri {
  readonly scheme: 'other';
  readonly text: string;
}

export type Uri = SipUri | TelUri | OtherUri;

const scheme = /^([a-z][a-z\d+.-]*):/i;
/** What a userinfo may hold besides escapes (section 25.1, `user` and `password`). */
const userText = /^(?:[\w\-.!~*'()&=+$,;?/]|%[\da-f]{2})*$/i;
const passwordText = /^(?:[\w\-.!~*'()&=+$,]|%[\da-f]{2})*$/i;
const unfit = /[^\u0021-\u007e]|[<>"\\^`{}|]/;

/** Undefined when it is no URI. */
export function parseUri(text: string): Uri | undefined {
  const found = scheme.exec(text);
  if (found === null || unfit.test(text)) return undefined;
  const name = (found[1] ?? '').toLowerCase();
  const rest = text.slice(found[0].length);
  if (name === 'sip' || name === 'sips') return parseSipUri(name, rest);
  if (name === 'tel') return parseTelUri(rest);
  return rest === '' ? undefined : { scheme: 'other', text };
}

function parseSipUri(scheme: 'sip' | 'sips', text: string): SipUri | undefined {
  // The last @ before headers: a user may hold none, a header's value may.
  const question = findHeaders(text);
  const [main, headerText] = [text.slice(0, question), text.slice(question + 1)];
  const at = main.lastIndexOf('@');
  const user = at < 0 ? undefined : parseUser(main.slice(0, at));
  if (at >= 0 && user === undefined) return undefined;
  const place = main.slice(at + 1);
  const semicolon = place.indexOf(';');
  const host = parseHostPort(semicolon < 0 ? place : place.slice(0, semicolon));
  if (host === undefined) return undefined;
  const parameters = unescapeAll(semicolon < 0 ? noParameters : parseParameters(place.slice(semicolon)));
  const headers = unescapeAll(parseHeaders(headerText));
  if (parameters === undefined || headers === undefined) return undefined;
  return { scheme, ...user, ...host, parameters, headers };
}

/** A question mark may stand in the user too; the one of the headers stands behind the @. */
function findHeaders(text: string): number {
  const question = text.indexOf('?', text.indexOf('@') + 1);
  return question < 0 ? text.length : question;
}

function parseUser(text: string): { user: string; password?: string } | undefined {
  const colon = text.indexOf(':');
  const [user, password] = colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
  if (!userText.test(user) || user === '' || (password !== undefined && !passwordText.test(password))) return undefined;
  const plain = unescapePercent(user);
  if (plain === undefined) return undefined;
  return { user: plain, ...(password !== undefined && { password: unescapePercent(password) ?? password }) };
}

function parseHeaders(text: string): Parameters {
  if (text === '') return noParameters;
  const pairs = text.split('&').map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return new Map(pairs);
}

function parseTelUri(text: string): TelUri | undefined {
  const semicolon = text.indexOf(';');
  const number = (semicolon < 0 ? text : text.slice(0, semicolon)).replace(/[-.()]/g, '');
  if (!/^(?:\+\d+|[\da-f*#]+)$/i.test(number)) return undefined;
  return { scheme: 'tel', number, parameters: semicolon < 0 ? noParameters : parseParameters(text.slice(semicolon)) };
}

function unescapeAll(pairs: Parameters): Parameters | undefined {
  if (pairs.size === 0) return noParameters;
  const plain = new Map<string, string>();
  for (const [name, value] of pairs) {
    const [plainName, plainValue] = [unescapePercent(name), unescapePercent(value)];
    if (plainName === undefined || plainValue === undefined) return undefined;
    plain.set(plainName, plainValue);
  }
  return plain;
}

/** Undefined where the escaped bytes are no UTF-8, or one of them is null: that is nobody's name. */
function unescapePercent(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    const plain = decodeURIComponent(text);
    return plain.includes('\0') ? undefined : plain;
  } catch {
    return undefined;
  }
}

/** As section 19.1 writes it; the text of {@link parseUri} and back means the same. */
export function formatUri(uri: Uri): string {
  if (uri.scheme === 'other') return uri.text;
  if (uri.scheme === 'tel') return `tel:${uri.number}${formatPairs(uri.parameters, ';')}`;
  const user = uri.user === undefined ? '' : `${escapeUser(uri.user)}${formatPassword(uri.password)}@`;
  const headers = uri.headers.size === 0 ? '' : `?${formatPairs(uri.headers, '&').slice(1)}`;
  return `${uri.scheme}:${user}${formatHostPort(uri)}${formatPairs(uri.parameters, ';')}${headers}`;
}

export function formatHostPort({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}${port === undefined ? '' : `:${port}`}`;
}

function formatPassword(password: string | undefined): string {
  return password === undefined ? '' : `:${escapePercent(password, /[^\w\-.!~*'()&=+$,]/gu)}`;
}

function escapeUser(user: string): string {
  return escapePercent(user, /[^\w\-.!~*'()&=+$,;?/]/gu);
}

function formatPairs(pairs: Parameters, separator: string): string {
  let text = '';
  for (const [name, value] of pairs) {
    const plain = escapePercent(name, /[^\w\-.!~*'()[\]/:+$]/gu);
    text += `${separator}${plain}${value === '' ? '' : `=${escapePercent(value, /[^\w\-.!~*'()[\]/:+$]/gu)}`}`;
  }
  return text;
}

function escapePercent(text: string, unsafe: RegExp): string {
  return text.replace(unsafe, (char) => {
    let escaped = '';
    for (const byte of Buffer.from(char)) escaped += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    return escaped;
  });
}
