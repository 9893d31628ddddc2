import { expect, test } from 'vitest';
import { createOriginCheck } from './origins.ts';

test('a client that names no origin is no browser and may connect', () => {
  expect(createOriginCheck({ host: '0.0.0.0', allowedOrigins: [] })(undefined, 'chat.example.org')).toBe(true);
});

test('a page of this host may always connect, whatever takes TLS off in front', () => {
  const isAllowed = createOriginCheck({ host: '0.0.0.0', allowedOrigins: [] });
  expect(isAllowed('https://chat.example.org', 'chat.example.org')).toBe(true);
  expect(isAllowed('https://chat.example.org', 'chat.example.org:443')).toBe(true);
  expect(isAllowed('http://chat.example.org', 'chat.example.org:80')).toBe(true);
  expect(isAllowed('http://localhost:8080', 'localhost:8080')).toBe(true);
  expect(isAllowed('http://[::1]:8080', '[::1]:8080')).toBe(true);
});

test('a page of another host, port or of nowhere may not', () => {
  const isAllowed = createOriginCheck({ host: '0.0.0.0', allowedOrigins: [] });
  expect(isAllowed('https://evil.example', 'chat.example.org')).toBe(false);
  expect(isAllowed('https://chat.example.org.evil.example', 'chat.example.org')).toBe(false);
  expect(isAllowed('http://localhost:3000', 'localhost:8080')).toBe(false);
  expect(isAllowed('null', 'chat.example.org')).toBe(false);
  expect(isAllowed('', 'chat.example.org')).toBe(false);
  expect(isAllowed('file://', '')).toBe(false);
  expect(isAllowed('https://chat.example.org', undefined)).toBe(false);
});

test('an origin on the list may connect, and only in full', () => {
  const isAllowed = createOriginCheck({ host: '0.0.0.0', allowedOrigins: ['https://www.example.org'] });
  expect(isAllowed('https://www.example.org', 'chat.example.org')).toBe(true);
  expect(isAllowed('HTTPS://WWW.EXAMPLE.ORG', 'chat.example.org')).toBe(true);
  expect(isAllowed('http://www.example.org', 'chat.example.org')).toBe(false);
  expect(isAllowed('https://www.example.org:8443', 'chat.example.org')).toBe(false);
});

test('* lets every page in', () => {
  expect(createOriginCheck({ host: '0.0.0.0', allowedOrigins: ['*'] })('https://anything.example', undefined)).toBe(
    true,
  );
});

test('where only this machine is listened to, a name of elsewhere that leads here is refused', () => {
  const isAllowed = createOriginCheck({ host: '127.0.0.1', allowedOrigins: ['http://listed.example:8080'] });
  expect(isAllowed('http://evil.example:8080', 'evil.example:8080')).toBe(false);
  expect(isAllowed('http://localhost:8080', 'localhost:8080')).toBe(true);
  expect(isAllowed('http://127.0.0.1:8080', '127.0.0.1:8080')).toBe(true);
  expect(isAllowed('http://[::1]:8080', '[::1]:8080')).toBe(true);
  expect(isAllowed('http://listed.example:8080', 'listed.example:8080')).toBe(true);
});
