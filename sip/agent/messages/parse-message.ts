import { isUtf8 } from 'node:buffer';
import { type MessageLimits, messageLimits } from './limits.ts';
import { type MessageFault, noBody, type SipMessage, type SipRequest } from './message.ts';
import { SipHeaders } from './sip-headers.ts';

const token = /^[\w\-.!%*+`'~]+$/;
/** Line ends inside a field are gone by then; a tab may stay. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const requestLine = /^([^ ]+) ([^ ]+) (SIP\/\d+\.\d+)$/i;
// The flag s: a line separator of Unicode is a letter like any other here.
const statusLine = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/is;

type Fault = { readonly text: string; readonly status?: 400 | 413 | 414 | 505 };

/**
 * A message from its bytes: a whole datagram, a WebSocket frame, or what the framer cut from a stream.
 * Knows structure only; whether a request can be served is for `check-request.ts`.
 *
 * Bytes behind the body are ignored, as in a datagram (RFC 3261 section 18.3); a body that is shorter than Content-Length
 * says, is a fault.
 */
export function parseMessage(bytes: Uint8Array, limits: MessageLimits = messageLimits): SipMessage | MessageFault {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf('\r\n\r\n');
  const head = end < 0 ? buffer.length : end;
  if (head > limits.headBytes) return fault('the header is too long');
  // Without knowing the letters there is nothing that could be answered.
  if (!isUtf8(buffer.subarray(0, head))) return fault('the header is not UTF-8');
  const text = buffer.toString('utf8', 0, head);
  const firstEnd = text.indexOf('\r\n');
  const first = firstEnd < 0 ? text : text.slice(0, firstEnd);
  const headers = new SipHeaders();
  const wrong = firstEnd < 0 ? { text: 'no header fields' } : readFields(text, firstEnd + 2, headers, limits);

  const response = statusLine.exec(first);
  if (response !== null) {
    if (wrong !== undefined) return fault(wrong.text);
    if (control.test(response[2] ?? '')) return fault('a control character in the reason phrase');
    const body = end < 0 ? { text: 'the header does not end' } : readBody(buffer, end + 4, headers, limits);
    if ('text' in body) return fault(body.text);
    return { kind: 'response', status: Number(response[1]), reason: response[2] ?? '', headers, body: body.bytes };
  }
  const line = readRequestLine(first, limits);
  if (line === undefined) return fault('the first line is neither a request nor a response');
  const refuse = ({ text, status = 400 }: Fault) =>
    refusal(text, status, { kind: 'request', method: line.method, uri: line.uri, headers, body: noBody });
  if (line.wrong !== undefined) return refuse(line.wrong);
  if (wrong !== undefined) return refuse(wrong);
  if (end < 0) return refuse({ text: 'the header does not end' });
  const body = readBody(buffer, end + 4, headers, limits);
  if ('text' in body) return refuse(body);
  return { kind: 'request', method: line.method, uri: line.uri, headers, body: body.bytes };
}

function readRequestLine(
  line: string,
  limits: MessageLimits,
): { method: string; uri: string; wrong?: Fault } | undefined {
  const found = requestLine.exec(line);
  if (found === null) {
    if (line.length > limits.fieldBytes) return undefined;
    // White space within the line: what stands first and says SIP at the end is still a request that can be refused. One
    // expression for all of it would take a time that grows with the square of the white space.
    const [first = '', ...others] = line.trim().split(/\s+/);
    const last = others.pop() ?? '';
    if (!token.test(first) || others.length === 0 || !/^SIP\/\d+\.\d+$/i.test(last)) return undefined;
    return { method: first, uri: others.join(' '), wrong: { text: 'white space in the request line' } };
  }
  const [, method = '', uri = '', version = ''] = found;
  if (!token.test(method)) return undefined;
  if (version.toUpperCase() !== 'SIP/2.0') return { method, uri, wrong: { text: 'not SIP/2.0', status: 505 } };
  if (line.length > limits.fieldBytes)
    return { method, uri, wrong: { text: 'the Request-URI is too long', status: 414 } };
  if (uri.startsWith('<') || control.test(uri)) return { method, uri, wrong: { text: 'no Request-URI' } };
  return { method, uri };
}

/** Reads what it can, so that a request with one bad field can be answered by the others; says the first that was wrong. */
function readFields(text: string, from: number, headers: SipHeaders, limits: MessageLimits): Fault | undefined {
  let wrong: Fault | undefined;
  let count = 0;
  for (let at = from; at < text.length; ) {
    let end = text.indexOf('\r\n', at);
    if (end < 0) end = text.length;
    let line = text.slice(at, end);
    let parts: string[] | undefined;
    at = end + 2;
    // A line that begins with white space goes on the one before (section 7.3.1).
    while (at < text.length && (text[at] === ' ' || text[at] === '\t')) {
      end = text.indexOf('\r\n', at);
      if (end < 0) end = text.length;
      parts ??= [line];
      parts.push(text.slice(at, end));
      at = end + 2;
    }
    if (parts !== undefined) line = unfold(parts);
    count += 1;
    if (count > limits.fields) return wrong ?? { text: 'too many header fields', status: 413 };
    if (line.length > limits.fieldBytes) return wrong ?? { text: 'a header field is too long', status: 413 };
    wrong = addField(line, headers) ?? wrong;
  }
  return wrong;
}

/** At once: line by line it would take ever longer. */
function unfold(parts: readonly string[]): string {
  const words = parts.map((part) => part.trim());
  return words.filter((part) => part !== '').join(' ');
}

function addField(line: string, headers: SipHeaders): Fault | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0)).trimEnd();
  if (!token.test(name)) return { text: 'a header field without a name' };
  const value = line.slice(colon + 1).trim();
  if (control.test(value)) return { text: `a control character in ${name}` };
  headers.add(name, value);
  return undefined;
}

function readBody(buffer: Buffer, from: number, headers: SipHeaders, limits: MessageLimits): { bytes: Buffer } | Fault {
  const lengths = headers.all('Content-Length');
  const [said = ''] = lengths;
  if (lengths.some((other) => other !== said)) return { text: 'more than one Content-Length' };
  const there = buffer.length - from;
  // RFC 3261 section 18.3: without it, a datagram's body is the rest.
  if (lengths.length === 0) return there > limits.bodyBytes ? tooLong : { bytes: buffer.subarray(from) };
  if (!/^\d{1,9}$/.test(said)) return { text: 'Content-Length is not a number' };
  const length = Number(said);
  if (length > limits.bodyBytes) return tooLong;
  if (length > there) return { text: 'the body is shorter than Content-Length says' };
  return { bytes: buffer.subarray(from, from + length) };
}

const tooLong: Fault = { text: 'the body is too long', status: 413 };

function fault(text: string): MessageFault {
  return { kind: 'fault', text };
}

function refusal(text: string, status: 400 | 413 | 414 | 505, request: SipRequest): MessageFault {
  // ACK is never answered (section 17.1.1.3), and without these nobody could match an answer.
  const answerable =
    request.method !== 'ACK' && ['Via', 'From', 'To', 'Call-ID', 'CSeq'].every((name) => request.headers.has(name));
  return answerable ? { kind: 'fault', text, answer: { status, request } } : fault(text);
}
