import type { SipMessage } from './message.ts';

/**
 * Lists of words, which are written in one line, as people do. Lists of addresses (Via, Route, Contact) are as much a list by
 * RFC 3261 section 7.3.1, but there are peers that read the first one of a line only.
 */
const joined: ReadonlySet<string> = new Set([
  'Allow',
  'Allow-Events',
  'Proxy-Require',
  'Require',
  'Supported',
  'Unsupported',
]);

/** What is none stands alone: an open quotation mark would swallow what comes after it. */
const token = /^[\w\-.!%*+`'~]+$/;

/** Far below what anybody takes for too long a line. */
const longestList = 1_000;

/** The bytes of a message. */
export function serializeMessage(message: SipMessage): Buffer {
  const head = headOf(message);
  if (message.body.length === 0) return Buffer.from(head);
  return Buffer.concat([Buffer.from(head), message.body]);
}

/** How many bytes {@link serializeMessage} makes. */
export function lengthOf(message: SipMessage): number {
  return Buffer.byteLength(headOf(message)) + message.body.length;
}

/** As {@link serializeMessage}, of a message whose body is text. */
export function messageText(message: SipMessage): string {
  const { body } = message;
  return headOf(message) + Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

/**
 * All before the body. Content-Length is what the body has, whatever a header field said; it stands last, where a reader of a trace
 * looks for it.
 */
function headOf(message: SipMessage): string {
  let head =
    message.kind === 'request'
      ? `${message.method} ${message.uri} SIP/2.0`
      : `SIP/2.0 ${message.status} ${message.reason}`;
  let lineBegan = 0;
  let before = '';
  for (const [name, value] of message.headers) {
    if (name === 'Content-Length') continue;
    const isWord = joined.has(name) && token.test(value);
    if (isWord && name === before && head.length - lineBegan < longestList) {
      head += `, ${value}`;
    } else {
      lineBegan = head.length;
      head += `\r\n${name}: ${value}`;
    }
    before = isWord ? name : '';
  }
  return `${head}\r\nContent-Length: ${message.body.length}\r\n\r\n`;
}
