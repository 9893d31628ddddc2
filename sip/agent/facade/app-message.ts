import { SipHeaders } from '../messages/sip-headers.ts';
import { splitList } from '../messages/split-list.ts';

/** What an application sends: a start line, some header fields, a body. The agent makes a message of it. */
export type AppMessage =
  | {
      readonly kind: 'request';
      readonly method: string;
      readonly uri: string;
      readonly headers: SipHeaders;
      readonly body: Uint8Array;
    }
  | {
      readonly kind: 'response';
      readonly status: number;
      readonly reason: string;
      readonly headers: SipHeaders;
      readonly body: Uint8Array;
    };

const token = /^[\w\-.!%*+`'~]+$/;
/** A line end of one letter, or a null, would be the beginning of another header field to many that read it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const challenges = /^(www|proxy)-authenticate$/i;

/**
 * Undefined when it is none. Content-Length is left out: drachtio-srf counts letters where bytes are meant. Names come in any case,
 * lists may have been joined with commas.
 */
export function readAppMessage(text: string): AppMessage | undefined {
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const headers = new SipHeaders();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (line === '') continue;
    if (colon <= 0) return undefined;
    const [name, value] = [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    if (!token.test(name) || control.test(value)) return undefined;
    for (const one of challenges.test(name) ? splitChallenges(value) : [value]) headers.add(name, one);
  }
  headers.remove('Content-Length');
  if (control.test(first)) return undefined;
  const body = Buffer.from(end < 0 ? '' : text.slice(end + 4));
  const response = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/.exec(first);
  if (response !== null)
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([\w\-.!%*+`'~]+) (\S+) SIP\/2\.0$/.exec(first);
  if (request === null) return undefined;
  return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', headers, body };
}

/** Several in one line have no meaning on the wire: their parameters are a list as well (RFC 3261 section 7.3.1). */
function splitChallenges(text: string): string[] {
  const values: string[] = [];
  for (const part of splitList(text)) {
    if (values.length === 0 || /^[\w-]+\s+[\w-]+\s*=/.test(part)) values.push(part);
    else values[values.length - 1] += `, ${part}`;
  }
  return values;
}
