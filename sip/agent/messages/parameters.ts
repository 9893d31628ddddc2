import { splitOutside } from './split-list.ts';

/** `;name=value` behind a Via, an address, a URI. Names in lower case; a parameter without a value has ''. */
export type Parameters = ReadonlyMap<string, string>;

export const noParameters: Parameters = new Map();

const semicolon = 0x3b;

/** Of `;a=b;c` and `a=b;c` alike. The first of two with one name holds. Values without their quotation marks. */
export function parseParameters(text: string): Parameters {
  const parameters = new Map<string, string>();
  for (const part of splitOutside(text, semicolon)) {
    const equals = part.indexOf('=');
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name === '' || parameters.has(name)) continue;
    parameters.set(name, equals < 0 ? '' : unquote(part.slice(equals + 1).trim()));
  }
  return parameters;
}

/** `;a=b;c`, with quotation marks where a value is no token. */
export function formatParameters(parameters: Parameters): string {
  let text = '';
  for (const [name, value] of parameters) text += value === '' ? `;${name}` : `;${name}=${quoteUnlessToken(value)}`;
  return text;
}

/** Of a quoted-string its text (RFC 3261 section 25.1); anything else as it is. */
export function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/gs, '$1');
}

export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Tokens, and hosts with brackets and ports, as Via and Contact have them. */
function quoteUnlessToken(value: string): string {
  return /^[\w\-.!%*+`'~:[\]]+$/.test(value) ? value : quote(value);
}
