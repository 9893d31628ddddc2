// Messages that were well-formed once.

import type { Random } from './random.ts';

const call = (method: string, at: number, more: readonly string[] = [], body = '') =>
  [
    `${method} sip:ben@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKfuzz${at};rport`,
    'Max-Forwards: 70',
    `From: "Ann" <sip:ann@127.0.0.1>;tag=a${at}`,
    'To: Ben <sip:ben@127.0.0.1>',
    `Call-ID: fuzz-${at}@127.0.0.1`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:ann@127.0.0.1:9>',
    ...more,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';

const samples: readonly ((at: number) => string)[] = [
  (at) =>
    call('INVITE', at, ['Content-Type: application/sdp', 'Supported: 100rel, timer', 'Session-Expires: 1800'], sdp),
  (at) => call('OPTIONS', at, ['Accept: application/sdp', 'User-Agent: fuzz']),
  (at) => call('REGISTER', at, ['Expires: 60', 'Authorization: Digest username="a", realm="b", nonce="c", uri="d"']),
  (at) => call('MESSAGE', at, ['Content-Type: text/plain'], 'hello'),
  (at) => call('BYE', at, ['Reason: SIP;cause=200;text="done"']),
  (at) => call('CANCEL', at),
  (at) => call('ACK', at),
  (at) => call('SUBSCRIBE', at, ['Event: presence', 'Expires: 60']),
  (at) => call('REFER', at, ['Refer-To: <sip:eve@127.0.0.1?Replaces=a%3Bto-tag%3Db>']),
  (at) => call('PRACK', at, ['RAck: 1 1 INVITE']),
  (at) => call('INVITE', at).replace(/^INVITE \S+ SIP\/2\.0/, 'SIP/2.0 200 OK'),
  (at) => call('OPTIONS', at).replace(/^OPTIONS \S+ SIP\/2\.0/, 'SIP/2.0 503 Service Unavailable'),
];

const pieces = [
  '\r\n',
  '\r\n\r\n',
  '\0',
  '\u00ff\u00fe',
  '%00',
  ':::::',
  ';;;;=,,,',
  '"',
  '<',
  '\\',
  '4294967296',
  '-1',
  '99999999999999999999',
  '[::1',
  'sip:',
  'tel:+1;phone-context=',
  ' \t ',
  '\r\n ',
  'Content-Length: 70000\r\n',
  'Via: SIP/2.0/UDP a,SIP/2.0/TCP b\r\n',
  'x'.repeat(9_000),
  'SIP/2.0',
  ';tag=',
  '?Route=<sip:127.0.0.1>&',
];

/** A message after one to four changes; `at` makes its transaction one of its own. */
export function mutate(random: Random, at: number): Buffer {
  const pick = (below: number) => Math.floor(random() * below);
  const sample = samples[pick(samples.length)] as (at: number) => string;
  let text = sample(at);
  for (let left = 1 + pick(4); left > 0; left--) {
    const [from, length] = [pick(text.length), 1 + pick(40)];
    const lines = text.split('\r\n');
    const change = pick(8);
    if (change === 0) text = text.slice(0, from) + text.slice(from + length);
    else if (change === 1) text = text.slice(0, from) + pieces[pick(pieces.length)] + text.slice(from);
    else if (change === 2) text = text.slice(0, from) + String.fromCharCode(pick(256)) + text.slice(from + 1);
    else if (change === 3)
      text = text.slice(0, from) + text.slice(from, from + length).repeat(1 + pick(20)) + text.slice(from);
    else if (change === 4) text = text.slice(0, from);
    else if (change === 5) text = lines.toSpliced(pick(lines.length), 1).join('\r\n');
    else if (change === 6) text = lines.toSpliced(pick(lines.length), 0, lines[pick(lines.length)] ?? '').join('\r\n');
    else
      text = lines
        .map((line) => (pick(lines.length) === 0 ? line.replace(/:.*/, `: ${pieces[pick(pieces.length)]}`) : line))
        .join('\r\n');
  }
  // What no datagram holds would be the sender's fault.
  return Buffer.from(text, 'latin1').subarray(0, 60_000);
}
