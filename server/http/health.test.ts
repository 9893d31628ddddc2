import { expect, test } from 'vitest';
import type { HttpRequest } from '../gateway/http-routes.ts';
import { createReadyHandler, type Readiness } from './health.ts';

const request: HttpRequest = {
  method: 'GET',
  path: '/ready',
  query: new URLSearchParams(),
  headers: {},
  body: new Uint8Array(),
  remoteAddress: '127.0.0.1',
  peerAddress: '127.0.0.1',
};

test.each<[string, Readiness, number, object]>([
  ['can do everything', { obstacles: [], limitations: [] }, 200, { status: 'ready' }],
  ['can do most', { obstacles: [], limitations: ['no space'] }, 200, { status: 'ready', degraded: ['no space'] }],
  [
    'is in the way of itself',
    { obstacles: ['stops'], limitations: [] },
    503,
    { status: 'not ready', reasons: ['stops'] },
  ],
  [
    'has both',
    { obstacles: ['stops'], limitations: ['no space'] },
    503,
    { status: 'not ready', reasons: ['stops', 'no space'] },
  ],
])('/ready of a server that %s', async (_, readiness, status, body) => {
  const answer = await createReadyHandler(() => readiness)(request);
  expect([answer.status, JSON.parse(String(answer.body))]).toEqual([status, body]);
});
