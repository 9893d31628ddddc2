import { describe, expect, test } from 'vitest';
import { checkRequest } from './check-request.ts';
import type { SipRequest, SipResponse } from './message.ts';
import { parseMessage } from './parse-message.ts';
import { serializeMessage } from './serialize-message.ts';
import { invite, sip } from './testing/sample-messages.ts';

const abilities = {
  methods: new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'MESSAGE']),
  options: new Set(['100rel', 'timer']),
};

function request(bytes: Uint8Array): SipRequest {
  const message = parseMessage(bytes);
  if (message.kind !== 'request')
    throw new Error(`${message.kind}: ${'text' in message ? message.text : message.status}`);
  return message;
}

function response(bytes: Uint8Array): SipResponse {
  const message = parseMessage(bytes);
  if (message.kind !== 'response') throw new Error(`${message.kind}: ${'text' in message ? message.text : ''}`);
  return message;
}

/** The status that a request is refused with; `dropped`, or `taken`. */
function verdict(bytes: Uint8Array): number | 'dropped' | 'taken' {
  const message = parseMessage(bytes);
  if (message.kind === 'fault') return message.answer?.status ?? 'dropped';
  if (message.kind === 'response') return 'taken';
  return checkRequest(message, abilities)?.status ?? 'taken';
}

// The classes of messages are those of RFC 4475; the messages are our own.
describe('what is unusual and right is taken', () => {
  test('folded lines, compact forms, any case, space before the colon', () => {
    const message = request(
      sip(`
OPTIONS sip:ping@example.com;unknown=1 SIP/2.0
v  : SIP / 2.0 / UDP 192.0.2.2:5062;branch=z9hG4bKkd
 ;rport
TO :
 sip:ping@example.com ;    tag   =    1918181833n
f:   "Nobody \\\\\\" there"
      <sip:nobody@example.com>
  ;tag  = 98asjd8
i: 98 fold.0ha0isndaksdj@example.net
CSeq: 0009
  OPTIONS
MAX-FORWARDS: 0068
s:
l: 0
k: 100rel,
   timer
NewFangled: a, b
 continued; c

`),
    );
    expect([...message.headers].map(([name]) => name)).toEqual([
      'Via',
      'To',
      'From',
      'Call-ID',
      'CSeq',
      'Max-Forwards',
      'Subject',
      'Content-Length',
      'Supported',
      'Supported',
      'Newfangled',
    ]);
    expect(message.headers.all('Supported')).toEqual(['100rel', 'timer']);
    expect(message.headers.get('Newfangled')).toBe('a, b continued; c');
    expect(message.headers.get('From')).toBe('"Nobody \\\\\\" there" <sip:nobody@example.com> ;tag  = 98asjd8');
  });

  test('lists in one line and in several are the same', () => {
    const message = request(
      invite({ fields: 'Route: <sip:a.example;lr>, "b, \\"c" <sip:b@c.example,d;lr>\nRoute: <sip:d.example>' }),
    );
    expect(message.headers.all('Route')).toEqual([
      '<sip:a.example;lr>',
      '"b, \\"c" <sip:b@c.example,d;lr>',
      '<sip:d.example>',
    ]);
  });

  test('letters of other alphabets, escapes in a user, a method that is a token of odd characters', () => {
    expect(verdict(invite({ fields: 'Subject: 你好, naïve 🙂' }))).toBe('taken');
    expect(verdict(invite({ line: 'INVITE sip:%E4%BD%A0;x=%C3%A9@example.com SIP/2.0' }))).toBe('taken');
    expect(
      verdict(
        sip(
          "!interesting-Method0123456789_*+`.%indeed'~ sip:x@example.com SIP/2.0\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:x@example.com>\nCall-ID: 1\nCSeq: 0 !interesting-Method0123456789_*+`.%indeed'~\n\n",
        ),
      ),
    ).toBe(501);
  });

  test('a body of bytes that are no text', () => {
    const head = invite({ without: ['Content-Type'] })
      .toString()
      .replace('Content-Length: 5', 'Content-Length: 4')
      .split('\r\n\r\n')[0];
    const message = request(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from([0, 255, 13, 10])]));
    expect([...message.body]).toEqual([0, 255, 13, 10]);
  });

  test('what follows the body in a datagram is ignored, and a body without Content-Length is the rest', () => {
    expect(request(Buffer.concat([invite(), Buffer.from('INVITE junk')])).body.toString()).toBe('v=0\r\n');
    const open = Buffer.from(invite().toString().replace('Content-Length: 5\r\n', ''));
    expect(request(open).body.toString()).toBe('v=0\r\n');
  });

  test('a response without a reason, and one with a status that nobody registered', () => {
    const fields =
      'Via: SIP/2.0/UDP a;branch=z9hG4bK1\nFrom: <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2\nCall-ID: 1\nCSeq: 1 INVITE\n\n';
    expect(response(sip(`SIP/2.0 100 \n${fields}`)).reason).toBe('');
    expect(response(sip(`SIP/2.0 499 Odd – naïve\n${fields}`))).toMatchObject({ status: 499, reason: 'Odd – naïve' });
    // To whoever takes a bare line end for one, this would be a header field of ours.
    const bare = Buffer.from(`SIP/2.0 200 OK\nContact: <sip:x@y>\r\n${fields.replaceAll('\n', '\r\n')}`);
    expect(parseMessage(bare)).toEqual({ kind: 'fault', text: 'a control character in the reason phrase' });
  });

  test('31 Vias with long values, within the limits', () => {
    const fields = Array.from(
      { length: 30 },
      (_, at) => `Via: SIP/2.0/TCP h${at}.example;branch=z9hG4bK${'a'.repeat(200)}${at}`,
    );
    expect(request(invite({ fields: fields.join('\n') })).headers.count('Via')).toBe(31);
  });

  test('a response ignores what it does not know; ACK and CANCEL are not refused for Require', () => {
    const line = 'CANCEL sip:ben@example.com SIP/2.0';
    expect(
      verdict(Buffer.from(invite({ line, fields: 'Require: nothing' }).toString().replace('1 INVITE', '1 CANCEL'))),
    ).toBe('taken');
  });
});

describe('what is wrong is refused with the answer of the RFC', () => {
  test.each([
    ['two spaces in the request line', invite({ line: 'INVITE  sip:ben@example.com SIP/2.0' }), 400],
    ['spaces in the Request-URI', invite({ line: 'INVITE sip:ben@example.com; lr SIP/2.0' }), 400],
    ['a space behind the version', invite({ line: 'INVITE sip:ben@example.com SIP/2.0 ' }), 400],
    ['brackets round the Request-URI', invite({ line: 'INVITE <sip:ben@example.com> SIP/2.0' }), 400],
    ['header fields in the Request-URI', invite({ line: 'INVITE sip:ben@example.com?Route=%3Csip:x%3E SIP/2.0' }), 400],
    ['another version', invite({ line: 'INVITE sip:ben@example.com SIP/7.0' }), 505],
    ['a scheme that nobody serves', invite({ line: 'INVITE nobodyKnowsThisScheme:totally SIP/2.0' }), 416],
    ['an atypical scheme', invite({ line: 'INVITE soap.beep://192.0.2.103:3002 SIP/2.0' }), 416],
    ['an unknown extension', invite({ fields: 'Require: 100rel, nothingSupportsThis' }), 420],
    ['no hop left for a call', invite({ without: ['Max-Forwards'], fields: 'Max-Forwards: 0' }), 483],
    ['Max-Forwards that is no number', invite({ without: ['Max-Forwards'], fields: 'Max-Forwards: -1' }), 400],
    ['Max-Forwards beyond 255', invite({ without: ['Max-Forwards'], fields: 'Max-Forwards: 300' }), 400],
    ['CSeq of another method', invite({ without: ['CSeq'], fields: 'CSeq: 1 OPTIONS' }), 400],
    ['CSeq beyond 2^31', invite({ without: ['CSeq'], fields: 'CSeq: 36893488147419103232 INVITE' }), 400],
    [
      'an unknown method',
      Buffer.from(
        invite({ line: 'NEWMETHOD sip:ben@example.com SIP/2.0' }).toString().replace('1 INVITE', '1 NEWMETHOD'),
      ),
      501,
    ],
    [
      'a name whose quotation mark stays open',
      invite({ without: ['To'], fields: 'To: "Mr. J. User <sip:j.user@example.com>' }),
      400,
    ],
    ['a bracket that stays open', invite({ without: ['Contact'], fields: 'Contact: <sip:ann@phone.example' }), 400],
    ['two From', invite({ fields: 'From: <sip:other@example.org>;tag=1' }), 400],
    ['two Call-ID', invite({ fields: 'Call-ID: another' }), 400],
    ['two different Content-Length', invite({ fields: 'Content-Length: 7' }), 400],
    [
      'a negative Content-Length',
      Buffer.from(invite().toString().replace('Content-Length: 5', 'Content-Length: -5')),
      400,
    ],
    [
      'a body that is shorter than it says',
      Buffer.from(invite().toString().replace('Content-Length: 5', 'Content-Length: 500')),
      400,
    ],
    ['a field without a colon', invite({ fields: 'this is nothing' }), 400],
    ['a field without a name', invite({ fields: ': nothing' }), 400],
    ['a null byte in a field', invite({ fields: 'Subject: a\0b' }), 400],
    ['a Via that is none', invite({ fields: 'Via: nothing' }), 400],
    ['an escaped null in a user', invite({ line: 'INVITE sip:null-%00-null@example.com SIP/2.0' }), 400],
    ['a port that is none', invite({ line: 'INVITE sip:ben@example.com:99999 SIP/2.0' }), 400],
    ['a host that looks like an address and is none', invite({ line: 'INVITE sip:ben@300.1.2.3 SIP/2.0' }), 400],
    ['too many fields', invite({ fields: Array(300).fill('X: 1').join('\n') }), 413],
    ['a field that is too long', invite({ fields: `X: ${'a'.repeat(9000)}` }), 413],
    ['no Max-Forwards, as older agents send', invite({ without: ['Max-Forwards'] }), 'taken'],
    [
      'no Contact in a bare OPTIONS',
      Buffer.from(
        invite({ line: 'OPTIONS sip:x.example SIP/2.0', without: ['Contact'] })
          .toString()
          .replace('1 INVITE', '1 OPTIONS'),
      ),
      'taken',
    ],
  ] as const)('%s', (_, bytes, expected) => {
    expect(verdict(bytes)).toBe(expected);
  });

  test.each(['Via', 'From', 'To', 'Call-ID', 'CSeq'])('without %s', (name) => {
    expect([400, 'dropped']).toContain(verdict(invite({ without: [name] })));
  });
});

describe('what cannot be answered is dropped', () => {
  test.each([
    ['nothing', ''],
    ['noise', 'asdf;lkj\r\n\r\n'],
    ['a request of HTTP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that is no token', 'INV(ITE sip:a@b SIP/2.0\r\n\r\n'],
    ['a status beyond 699', 'SIP/2.0 4294967301 better not\r\nVia: x\r\n\r\n'],
    ['a header that does not end', 'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a'],
  ])('%s', (_, text) => {
    expect(verdict(Buffer.from(text))).toBe('dropped');
  });

  test('bytes that are no UTF-8', () => {
    const bytes = invite({ fields: 'Subject: x' });
    bytes[bytes.indexOf('Subject: x') + 9] = 0xff;
    expect(verdict(bytes)).toBe('dropped');
  });

  test('an ACK, whatever is wrong with it', () => {
    expect(verdict(invite({ line: 'ACK sip:ben@example.com SIP/7.0' }))).toBe('dropped');
  });
});

test('what was wrong is said without a word of the message', () => {
  const fault = parseMessage(invite({ fields: 'Authorization\0: Digest secret' }));
  expect(fault).toMatchObject({ kind: 'fault', text: 'a header field without a name' });
});

test('Content-Length is what the body has', () => {
  const message = request(invite());
  message.headers.set('Content-Length', '999');
  expect(serializeMessage(message).toString()).toContain('Content-Length: 5\r\n\r\nv=0');
});
