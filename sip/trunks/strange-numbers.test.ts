import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import { SipHeaders } from '../agent/messages/sip-headers.ts';
import { readPlan } from '../dial-plan/file/read-plan.ts';
import { RulePlan } from '../dial-plan/rule-plan.ts';
import { Trunks } from './trunks.ts';

const text = `
numbers: { country: 49 }
users: [{ identity: ann, password: x }]
trunks:
  - { name: p, outbound: { targets: 'sip:one.example', probeSeconds: 0 }, limits: { deny: [+49900, +882, +883] } }
  - { name: named, outbound: { targets: 'sip:two.example', probeSeconds: 0 }, limits: { allow: ['*21#', '+49'] } }
rules:
  - { name: voice box, when: { called: '*97' }, number: '{called}', trunks: p }
  - { name: forwarding, when: { calledPattern: '*72XX' }, number: '{called}', trunks: p }
  - { name: help, when: { called: help }, number: support, trunks: p }
  - { name: named, when: { calledPrefix: '*21#' }, number: '{called}', trunks: named }
  - { name: all out, when: { from: user }, number: '{called}', trunks: p }
`;

/** What a phone of a user dials, and what would leave by a trunk: its user part, or why it does not. */
function open() {
  const data = readPlan(text, 'plan.yaml');
  const plan = new RulePlan(data);
  const trunks = new Trunks({
    clock: new FakeClock(),
    plan: data,
    node: 'a',
    onListenerError: (error) => {
      throw error;
    },
  });
  return (called: string): { readonly sent: string } | { readonly refused: string } => {
    const { to } = plan.decide({
      from: { kind: 'user', identity: 'ann' },
      called,
      caller: 'ann',
      callerName: '',
      headers: SipHeaders.of([]),
      source: { address: '192.0.2.1', port: 5060, protocol: 'udp' },
    });
    if (to.kind !== 'number') return { refused: to.kind };
    const { routes, refusal } = trunks.choose({ number: to.number, trunks: to.trunks });
    const uri = parseUri(routes[0]?.uri ?? '');
    const { user = '' } = uri?.scheme === 'sip' ? uri : {};
    return refusal === undefined ? { sent: user } : { refused: `${refusal.status} ${refusal.reason}` };
  };
}

const neither = 'is no plain number, and neither a rule nor the trunk names it';

describe('what is no plain number', () => {
  test.each([
    ['*31#00882123456', `403 *31#00882123456 ${neither}: it has * # in it`],
    ['#31#00882123456', `403 #31#00882123456 ${neither}: it has # in it`],
    ['+4-9900x123456', `403 +4-9900x123456 ${neither}: it has - x in it`],
    ['００８８２１２３４５６', `403 ００８８２１２３４５６ ${neither}: it has U+FF10 U+FF18 U+FF12 U+FF11 in it`],
    ['+0088212345678', `403 +0088212345678 ${neither}: no number of the world begins so`],
    ['00 00 882 12345678', `403 000088212345678 ${neither}: what follows 00 is no number of the world`],
    ['+4930123456789012', `403 +4930123456789012 ${neither}: it has more than 15 digits`],
    ['*21#0900123456', `403 *21#0900123456 ${neither}: it has * # in it`],
    ['*72123', `403 *72123 ${neither}: it has * in it`],
    ['sales', `403 sales ${neither}: it has s a l e in it`],
  ])('%s does not go out', (called, refused) => {
    expect(open()(called)).toEqual({ refused });
  });

  test.each([
    ['*97', '*97'],
    ['*7212', '*7212'],
    ['help', 'support'],
    ['*21#', '*21#'],
    ['030 / 123-456', '+4930123456'],
    ['+49.30.123456;phone-context=+49900', '+4930123456'],
    ['110', '110'],
  ])('goes out where the plan names it, and what is plain does anyway: %s', (called, sent) => {
    expect(open()(called)).toEqual({ sent });
  });

  test.each(['88212345678', '4990012345', '+49 (0)900 12345', '+490900123456'])(
    '%s is denied as what a network takes it for',
    (called) => {
      expect(open()(called)).toMatchObject({ refused: expect.stringContaining('are denied') });
    },
  );
});

test('what a user dials behind the prefix of a trunk itself is denied as the trunk reads it', () => {
  const trunk = `{ name: p, outbound: { targets: 'sip:one.example', probeSeconds: 0 }, numbers: { prefix: 9 }, limits: { deny: [+882] } }`;
  const trunks = new Trunks({
    clock: new FakeClock(),
    plan: readPlan(`numbers: { country: 49 }\ntrunks: [${trunk}]`, 'plan.yaml'),
    node: 'a',
    onListenerError: () => {},
  });
  expect(trunks.choose({ number: '900882123456' }).refusal?.reason).toBe('numbers that begin with +882 are denied');
  expect(trunks.choose({ number: '+4930123456' }).routes[0]?.uri).toBe('sip:9+4930123456@one.example');
});

/** What a network may make of what was sent, if it means well. */
function readingsOfNetwork(sent: string): readonly string[] {
  const ascii = sent.replace(/[\uff10-\uff19]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xff10 + 0x30));
  const [main = ''] = ascii.replace(/^[*#]\d+[*#]/, '').split(';');
  const isWorld = main.startsWith('+');
  const digits = main.replace(/\D/g, '');
  const home = digits.startsWith('0') && !isWorld ? [`49${digits.replace(/^0+/, '')}`] : [];
  return [digits, digits.replace(/^0+/, ''), digits.replace(/^490+/, '49'), ...home];
}

test('nothing that is dialled reaches what is denied, however it is written', () => {
  const ask = open();
  const piece = fc.constantFrom(
    ...['+', '00', '0', '49', '900', '882', '883', '12345678', '9', '8', ' ', '-', '.', '/', '(0)', '(', ')'],
    ...['*31#', '#31#', '*', '#', ';', ';phone-context=+49', 'x', 'e', '%', '０', '８', '８８２', '\u200b', '٤'],
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 10 }), (pieces) => {
      const answer = ask(pieces.join(''));
      if (!('sent' in answer)) return;
      for (const reading of readingsOfNetwork(answer.sent))
        if (reading.length >= 9) expect(reading).not.toMatch(/^(?:49900|882|883)/);
    }),
    { numRuns: 5_000 },
  );
});
