import { SipHeaders } from '../messages/sip-headers.ts';

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
    headers.add(line.slice(0, colon).trim(), line.slice(colon + 1).trim());
  }
  headers.remove('Content-Length');
  const body = Buffer.from(end < 0 ? '' : text.slice(end + 4));
  const response = /^SIP\/2\.0 ([1-6]\d\d) ?(.*)$/s.exec(first);
  if (response !== null)
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body };
  const request = /^([\w\-.!%*+`'~]+) (\S+) SIP\/2\.0$/.exec(first);
  if (request === null) return undefined;
  return { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '', headers, body };
}
