import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createMetricsHandler, type MetricsAccess } from './metrics-route.ts';

const render = async () => ({ contentType: 'text/plain', text: 'parley_rooms 1\n' });

function get(remoteAddress: string, headers: Record<string, string> = {}): HttpRequest {
  const query = new URLSearchParams();
  return { method: 'GET', path: '/metrics', query, headers, body: new Uint8Array(), remoteAddress };
}

async function outcomeOf(request: HttpRequest, access: Partial<MetricsAccess> = {}): Promise<string> {
  const allowedAddresses = ['127.0.0.0/8', '::1', '10.0.0.0/8', 'fd00::/8'];
  const handler = createMetricsHandler(render, { allowedAddresses, token: '', trustsProxies: false, ...access });
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

  test('does not exist for who comes through a proxy on this machine that is not trusted', async () => {
    expect(await outcomeOf(get('127.0.0.1', { 'x-forwarded-for': '203.0.113.7' }))).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('127.0.0.1', { forwarded: 'for=203.0.113.7' }))).toBe('ROUTE_NOT_FOUND');
    const behindTrusted = get('10.1.2.3', { 'x-forwarded-for': '10.1.2.3' });
    expect(await outcomeOf(behindTrusted, { trustsProxies: true })).toContain('parley_rooms');
  });

  test('is for who brings the token, wherever from', async () => {
    const access = { token: 'scrape-me' };
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer scrape-me' }), access)).toContain('parley_rooms');
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer scrape-m' }), access)).toBe('ROUTE_NOT_FOUND');
    expect(await outcomeOf(get('192.0.2.1', { authorization: 'Bearer ' }))).toBe('ROUTE_NOT_FOUND');
  });
});
