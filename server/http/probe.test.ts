import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireOrSkip } from '../../test/support/require.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { openProbe } from '../doctor/probe-client.ts';

function ask(server: RunningServer, init: { method?: string; body?: string; token?: string }): Promise<Response> {
  const { token, ...rest } = init;
  return fetch(`${server.url}/api/v1/probe`, { ...rest, headers: token ? { authorization: `Bearer ${token}` } : {} });
}

const reasonOf = async (response: Response) => ((await response.json()) as { error: { reason: string } }).error.reason;

describe.skipIf(!requireOrSkip('mediasoup'))('/api/v1/probe', () => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.close());

  it('tells whoever has a token which ways there are, with credentials for relays', async () => {
    const turn = { urls: ['turn:192.0.2.1:3478?transport=udp'], secret: 'a secret of both' };
    await using server = await startServer({ media: { workers: 2 }, turn });
    const token = server.issueToken({ identity: 'ada' });
    const response = await ask(server, { token });
    expect(await response.json()).toMatchObject({
      places: [0, 1],
      addresses: ['127.0.0.1'],
      iceServers: [{ urls: turn.urls, username: expect.stringMatching(/^\d+:/), credential: expect.any(String) }],
      relayOnly: false,
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('tells nobody else anything', async () => {
    expect(await reasonOf(await ask(server, {}))).toBe('TOKEN_MISSING');
    expect(await reasonOf(await ask(server, { token: 'a.b.c' }))).toMatch(/^TOKEN_/);
    expect(await reasonOf(await ask(server, { method: 'POST', body: '{}' }))).toBe('TOKEN_MISSING');
  });

  it.each([
    ['no JSON', 'via=udp', 'BAD_REQUEST'],
    ['another protocol', { via: 'sctp', offer: 'v=0' }, 'BAD_REQUEST'],
    ['a worker that there is not', { via: 'udp', place: 7, offer: 'v=0' }, 'BAD_REQUEST'],
    ['no description', { via: 'udp', offer: 'v=0' }, 'SDP_REFUSED'],
  ])('refuses %s', async (_what, body, reason) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const token = server.issueToken({ identity: 'ada' });
    expect(await reasonOf(await ask(server, { method: 'POST', token, body: text }))).toBe(reason);
  });

  it('gives one person six ends at a time and no more, and others their own', async () => {
    const open = (identity: string) =>
      openProbe({ url: server.url, token: server.issueToken({ identity }) }, 'udp', 0, 'abcd');
    for (let times = 0; times < 6; times++) {
      const { candidates } = await open('ada');
      expect(candidates.map(({ protocol }) => protocol)).toEqual(['udp']);
    }
    await expect(open('ada')).rejects.toThrow('probes');
    await open('bob');
  });

  it('gives one person no more when all are asked for at once', async () => {
    const open = (identity: string) =>
      openProbe({ url: server.url, token: server.issueToken({ identity }) }, 'udp', 0, 'abcd');
    const asked = await Promise.allSettled(Array.from({ length: 12 }, () => open('cleo')));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
    await open('dan');
  });
});
