import { formatParameters, noParameters, type Parameters, parseParameters, quote, unquote } from './parameters.ts';

/** From, To, Contact, Route, Refer-To, …: `"Ann" <sip:ann@x>;tag=1` (RFC 3261 section 20.10). */
export interface NameAddr {
  /** Without its quotation marks; '' without a name. */
  readonly displayName: string;
  /** As it is written; `parse-uri.ts` reads it. */
  readonly uri: string;
  /** Of the header field, not of the URI. */
  readonly parameters: Parameters;
}

/** Undefined when it is none: an open quotation mark, no closing bracket, nothing in it. */
export function parseNameAddr(text: string): NameAddr | undefined {
  const opening = findOpening(text);
  if (opening === undefined) return undefined;
  if (opening < 0) return parseBare(text);
  const closing = text.indexOf('>', opening);
  if (closing < 0) return undefined;
  const uri = text.slice(opening + 1, closing).trim();
  const name = text.slice(0, opening).trim();
  const rest = text.slice(closing + 1).trim();
  if (uri === '' || (rest !== '' && !rest.startsWith(';')) || !isDisplayName(name)) return undefined;
  return { displayName: unquote(name), uri, parameters: rest === '' ? noParameters : parseParameters(rest) };
}

/** Where the bracket opens that is not in a quoted name; -1 without one, undefined when the name does not end. */
function findOpening(text: string): number | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (quoted && char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === '<') return at;
  }
  return quoted ? undefined : -1;
}

/** Without brackets, what follows a semicolon belongs to the header field (section 20.10). */
function parseBare(text: string): NameAddr | undefined {
  const semicolon = text.indexOf(';');
  const uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
  if (uri === '' || /[\s"?,]/.test(uri)) return undefined;
  return { displayName: '', uri, parameters: semicolon < 0 ? noParameters : parseParameters(text.slice(semicolon)) };
}

/** A quoted string, or words (RFC 3261 wants tokens; umlauts without quotation marks are met, and do no harm). */
function isDisplayName(name: string): boolean {
  if (name.startsWith('"')) return /^"(?:[^"\\]|\\.)*"$/su.test(name);
  return !/["<>,;@]/.test(name);
}

export function formatNameAddr({ displayName, uri, parameters }: NameAddr): string {
  return `${displayName === '' ? '' : `${quote(displayName)} `}<${uri}>${formatParameters(parameters)}`;
}

/** The tag of a From or To; undefined without one. */
export function tagOf(text: string | undefined): string | undefined {
  const tag = text === undefined ? undefined : parseNameAddr(text)?.parameters.get('tag');
  return tag === '' ? undefined : tag;
}
