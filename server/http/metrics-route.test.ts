import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createMetricsHandler, type MetricsAccess } from './metrics-route.ts';

const render = async () => ({ contentType: 'text/plain', text: 'parley_rooms 1\n' });

function get(remoteAddress: string, headers: Record<string, string> = {}, peerAddress = remoteAddress): HttpRequest {
  const query = new URLSearchParams();
  return { method: 'GET', path: '/metrics', query, headers, body: new Uint8Array(), remoteAddress, peerAddress };
}

async function outcomeOf(request: HttpRequest, access: Partial<MetricsAccess> = {}): Promise<string> {
  const allowedAddresses = ['127.0.0.0/8', '::1', '10.0.0.0/8', 'fd00::/8'];
  const handler = createMetricsHandler(render, { allowedAddresses, token: '', trustedProxies: [], ...access });
  try {
    return String((await handler(request)).body);
  } catch (error) {
    return (error as { reason: string }).reason;
  }
}

describe('GET /metrics', () => {
  test.each(['127.0.0.1', '127.9.9.9', '::1', '10.1.2.3', 'fd00::7'])('is for %s', async (address) => {
    expect(await outcomeOf(get(address))).toContain('parley_rooms');
  });

  test.each(['192.0.2.1', '2001:db8::1', '', 'unknown'])('does not exist for %j', async (address) => {
    expect(await outcomeOf(get(address))).toBe('ROUTE_NOT_FOUND');
  });

  describe.each([[[]], [['10.9.9.9']]])('where the trusted proxies are %j', (trustedProxies) => {
    test.each([
      { 'x-forwarded-for': '203.0.113.7' },
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=203.0.113.7' },
      { 'x-real-ip': '203.0.113.7' },
    ])('does not exist for who comes through another proxy on this machine, with %j', async (headers) => {
      expect(await outcomeOf(get('127.0.0.1', headers), { trustedProxies })).toBe('ROUTE_NOT_FOUND');
    });
  });

  test('is for an allowed address that a trusted proxy names', async () => {
    const headers = { 'x-forwarded-for': '10.1.2.3', 'x-real-ip': '10.1.2.3' };
    const access = { trustedProxies: ['127.0.0.1'] };
    expect(await outcomeOf(get('10.1.2.3', headers, '127.0.0.1'), access)).toContain('parley_rooms');
    expect(await outcomeOf(get('10.1.2.3', headers, '::ffff:127.0.0.1'), access)).toContain('parley_rooms');
    expect(await outcomeOf(get('203.0.113.7', headers, '127.0.0.1'), access)).toBe('ROUTE_NOT_FOUND');
  });

  test('does not exist for a trusted proxy that does not say for whom it asks', async () => {
    const access = { trustedProxies: ['127.0.0.1', '10.0.0.0/24'] };
    expect(await outcomeOf(get('127.0.0.1'), access)).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('127.0.0.1', { 'x-forwarded-for': 'unknown' }), access)).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('127.0.0.1', { 'x-real-ip': '10.1.2.3' }), access)).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('10.0.0.7', { 'x-forwarded-for': '10.0.0.7' }, '127.0.0.1'), access)).toBe(
      'ROUTE_NOT_FOUND',
    );
  });

  test('is for who brings the token, wherever from', async () => {
    const access = { token: 'scrape-me' };
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer scrape-me' }), access)).toContain('parley_rooms');
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer scrape-m' }), access)).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer ' }))).toBe('ROUTE_NOT_FOUND');
  });
});
