import { describe, expect, test } from 'vitest';
import { checkRequest } from './check-request.ts';
import { parseMessage } from './parse-message.ts';
import { parseNameAddr } from './parse-name-addr.ts';
import { parseUri } from './parse-uri.ts';
import { serializeMessage } from './serialize-message.ts';
import { invite } from './testing/sample-messages.ts';

// The classes of RFC 4475 that parse-message.test.ts has not; each is named by its section. The messages are our own.

const abilities = {
  methods: new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'OPTIONS', 'REGISTER', 'MESSAGE']),
  options: new Set(['100rel', 'timer']),
};

/** The status that a request is refused with; `dropped`, or `taken`. */
function verdict(bytes: Uint8Array): number | 'dropped' | 'taken' {
  const message = parseMessage(bytes);
  if (message.kind === 'fault') return message.answer?.status ?? 'dropped';
  return message.kind === 'response' ? 'taken' : (checkRequest(message, abilities)?.status ?? 'taken');
}

function request(bytes: Uint8Array) {
  const message = parseMessage(bytes);
  if (message.kind !== 'request') throw new Error(`a ${message.kind}`);
  return message;
}

/** An INVITE with one field in place of its own. */
const withField = (name: string, value: string) => invite({ without: [name], fields: `${name}: ${value}` });

/** The same of another method. */
function of(method: string, bytes: Uint8Array): Buffer {
  return Buffer.from(Buffer.from(bytes).toString().replaceAll('INVITE', method));
}

describe('valid', () => {
  test('3.1.1.6 no space between a name and its bracket, and a name of several tokens', () => {
    for (const value of ['caller<sip:caller@example.com>;tag=3', 'J. Random  Caller <sip:caller@example.com>;tag=3']) {
      expect(verdict(withField('From', value))).toBe('taken');
      expect(parseNameAddr(value)?.uri).toBe('sip:caller@example.com');
    }
  });

  test('3.1.1.5 a percent sign in a method is no escape', () => {
    const bytes = of('RE%47IST%45R', invite());
    expect(verdict(bytes)).toBe(501);
    expect(request(bytes).method).toBe('RE%47IST%45R');
  });

  test('3.1.1.7 long values: names, parameters, methods that nobody knows, and a body', () => {
    const many = 'long'.repeat(300);
    const fields = [`Unknown-${many}: ${many}`, `X-Parameters: a;${many}=${many}`].join('\n');
    expect(verdict(invite({ fields }))).toBe('taken');
    expect(verdict(withField('To', `"${many}" <sip:${many}@example.com;${many}=${many}>;${many}`))).toBe('taken');
    expect(verdict(withField('Call-ID', many))).toBe('taken');
  });

  test('3.1.1.9 a semicolon in a user is of the user', () => {
    const bytes = invite({ line: 'INVITE sip:user;par=u%40example.net@example.com SIP/2.0' });
    expect(verdict(bytes)).toBe('taken');
    expect(parseUri(request(bytes).uri)).toMatchObject({ host: 'example.com', user: 'user;par=u@example.net' });
  });

  test('3.1.1.10 transports that nobody speaks may stand in further Vias', () => {
    const vias = ['SCTP', 'TLS', 'UNKNOWN', 'TCP'].map(
      (name) => `Via: SIP/2.0/${name} h.example;branch=z9hG4bK${name}`,
    );
    expect(verdict(invite({ fields: vias.join('\n') }))).toBe('taken');
  });

  test('3.1.1.11 a body of several parts with bytes that are no text stays as it is', () => {
    const part = Buffer.concat([
      Buffer.from(
        '--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n',
      ),
      Buffer.from([0, 255, 13, 10, 13, 10, 128]),
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const head = invite({ without: ['Content-Type'], fields: 'Content-Type: multipart/mixed;boundary=b' }).toString();
    const bytes = Buffer.concat([
      Buffer.from(
        head.slice(0, head.indexOf('\r\n\r\n') + 4).replace(/Content-Length: \d+/, `Content-Length: ${part.length}`),
      ),
      part,
    ]);
    const message = request(bytes);
    expect(Buffer.from(message.body)).toEqual(part);
    expect(Buffer.from(request(serializeMessage(message)).body)).toEqual(part);
  });
});

describe('invalid', () => {
  test.each([
    ['3.1.2.1 empty parameters of a Via', withField('Via', 'SIP/2.0/UDP 192.0.2.15;;,;,,'), 400],
    ['3.1.2.4 numbers beyond what they may be', withField('CSeq', '36893488147419103232 INVITE'), 400],
    [
      '3.1.2.13 a Contact with header fields and no brackets',
      withField('Contact', 'sip:user@example.com?Route=%3Csip:sip.example.com%3E'),
      400,
    ],
    [
      '3.1.2.15 a name that needs quotation marks',
      withField('To', 'Bell, Alexander <sip:a.g.bell@example.com>;tag=43'),
      400,
    ],
    ['3.1.2.17 CSeq of another method', withField('CSeq', '8 REGISTER'), 400],
    [
      '3.1.2.18 CSeq of another method than one that is unknown',
      of('NEWMETHOD', invite()).toString().replace('1 NEWMETHOD', '1 INVITE'),
      400,
    ],
    ['3.3.1 nothing but a Via and a Max-Forwards', invite({ without: ['From', 'To', 'Call-ID', 'CSeq'] }), 400],
    [
      '3.3.5 an extension that is required of us, and one of proxies',
      invite({ fields: 'Require: nothingSupportsThis\nProxy-Require: noProxiesSupportThis' }),
      420,
    ],
    ['3.3.8 two values where there is one', invite({ fields: 'CSeq: 2 INVITE' }), 400],
    ['3.3.8 two Max-Forwards', invite({ fields: 'Max-Forwards: 5' }), 400],
  ] as const)('%s', (_class, message, expected) => {
    expect(verdict(Buffer.from(message))).toBe(expected);
  });

  test('3.3.5 what is not supported is named, without what is asked of proxies', () => {
    const message = request(invite({ fields: 'Require: 100rel, a, b\nProxy-Require: c' }));
    expect(checkRequest(message, abilities)?.headers).toEqual([['Unsupported', 'a, b']]);
  });
});

describe('what only an application can judge is left to it', () => {
  test.each([
    ['3.1.2.12 a date in a zone that SIP does not have', invite({ fields: 'Date: Fri, 01 Jan 2010 16:00:00 EST' })],
    [
      '3.3.4 From and To of a scheme that nobody knows',
      invite({ without: ['From', 'To'], fields: 'From: <isbn:2983792873>;tag=1\nTo: <http://www.example.com>' }),
    ],
    ['3.3.6 a body of a type that nobody knows', withField('Content-Type', 'application/unknownformat')],
    [
      '3.3.7 credentials of a scheme that nobody knows',
      of('REGISTER', invite({ fields: 'Authorization: NoOneKnowsThisScheme opaque-data=here' })),
    ],
    [
      '3.3.13 parameters of a Contact that nobody knows',
      of('REGISTER', withField('Contact', 'sip:a@host5.example.net;unknownparam')),
    ],
    [
      '3.3.14 parameters of the URI in a Contact',
      of('REGISTER', withField('Contact', '<sip:a@host5.example.net;unknownparam>')),
    ],
    [
      '3.3.15 header fields in the URI of a Contact',
      of('REGISTER', withField('Contact', '<sip:user@example.com?Route=%3Csip:sip.example.com%3E>')),
    ],
    ['3.3.16 an answer in a type that there is none of', invite({ fields: 'Accept: text/nobodyKnowsThis' })],
    ['3.2.1 a branch that is the cookie alone', withField('Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK')],
    [
      '3.4.1 an INVITE of RFC 2543',
      invite({
        without: ['Via', 'From', 'Max-Forwards', 'Contact'],
        fields: 'Via: SIP/2.0/UDP iftgw.example.com\nFrom: <sip:+13035551111@ift.example.net;user=phone>',
      }),
    ],
  ] as const)('%s', (_class, message) => {
    expect(verdict(message)).toBe('taken');
  });
});

describe('what is wrong and can be meant in one way only is taken for that', () => {
  test.each([
    ['3.1.2.1 empty parameters behind an address', '"Joe" <sip:joe@example.org>;;;;'],
    ['3.1.2.14 spaces within the brackets', '"Watson, Thomas" < sip:joe@example.org >'],
  ])('%s', (_class, value) => {
    expect(verdict(withField('To', value))).toBe('taken');
    expect(parseNameAddr(value)?.uri.trim()).toBe('sip:joe@example.org');
  });
});
