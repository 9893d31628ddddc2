import { expect, test } from 'vitest';
import { toPhoneTable } from './phone-table.ts';

const phone = {
  ...{ identity: 'ann', uri: 'sip:ann@10.0.0.7', from: '203.0.113.7:5060', protocol: 'udp', q: 1, untilMs: 62_400 },
  userAgent: 'Yealink SIP-T46S',
};

test('each phone is a line, and each user with phones at other nodes', () => {
  const other = { ...phone, identity: 'ben', from: '[2001:db8::7]:41234', protocol: 'tls', untilMs: 0, userAgent: '' };
  const elsewhere = [{ identity: 'cy', nodes: ['two', 'three'] }];
  expect(toPhoneTable({ node: 'one', phones: [phone, other], elsewhere }, 1_000).split('\n')).toEqual([
    'user  transport  address              expires  node        user agent',
    'ann   udp        203.0.113.7:5060     in 61 s  one         Yealink SIP-T46S',
    'ben   tls        [2001:db8::7]:41234  in 0 s   one',
    'cy                                             two, three',
    '',
  ]);
});

test('there may be none, and what a phone says of itself does not reach the terminal as it is', () => {
  expect(toPhoneTable({ node: 'one', phones: [], elsewhere: [] }, 0)).toBe('No phone is registered.\n');
  expect(toPhoneTable({ node: 'one', phones: [] }, 0)).toContain('Which phones other nodes have is not known now.');
  const hostile = { ...phone, userAgent: '\u001b[2J' };
  expect(toPhoneTable({ node: 'one', phones: [hostile], elsewhere: [] }, 0)).not.toContain('\u001b');
});
