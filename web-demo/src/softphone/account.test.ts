import { expect, test } from 'vitest';
import { accountOf, problemsOf } from './account.ts';

const at = (hash: string, protocol = 'https:') => accountOf({ hash, protocol, hostname: 'chat.example.org' });

test('without a word the server is where the page came from', () => {
  expect(at('')).toEqual({
    server: 'wss://chat.example.org:7443',
    user: '',
    password: '',
    domain: 'chat.example.org',
    name: '',
  });
  expect(at('', 'http:').server).toBe('ws://chat.example.org:5066');
});

test('a link names server and user, and never a password', () => {
  const account = at('#server=wss://sip.example.org:9443&user=ann&name=Ann&password=secret');
  expect(account).toMatchObject({ server: 'wss://sip.example.org:9443', user: 'ann', name: 'Ann' });
  expect([account.domain, account.password]).toEqual(['sip.example.org', '']);
});

test('what is wrong is said of each field', () => {
  const account = { ...at(''), user: 'ann' };
  expect(problemsOf(account)).toEqual({});
  expect(Object.keys(problemsOf({ ...account, server: 'https://x', user: 'a b', domain: '' }))).toEqual([
    'server',
    'user',
    'domain',
  ]);
});
