import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { runProgram } from '../cli/program.ts';
import { OperatorTokens } from '../cluster/operator-tokens.ts';

const secret = 'what the operators of this test sign with, and nobody else';
const listen = [
  { protocol: 'UDP', address: '127.0.0.1', port: 0, advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] },
] as const;

/** What a command prints; its options are those of a server that is not the one for development. */
async function run(args: readonly string[], columns?: number) {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => (written[name] += text),
    ...(columns !== undefined && { columns }),
  });
  const code = await runProgram(args, { stdout: output('stdout'), stderr: output('stderr'), env: {} });
  // As it would be read: lines are broken where a terminal ends.
  return { code, stdout: written.stdout, stderr: written.stderr.replaceAll(/\s+/g, ' ') };
}

const keys = ['--set', 'identity.jwksUrl=https://example.org/keys.json'];

describe.skipIf(!requireOrSkip('mediasoup'))('who may look into the SIP agent', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await startServer({ sip: { enabled: true, listen }, cluster: { secret } });
  });
  afterAll(() => server?.close());

  const at = () => ['--url', server.url];
  const ask = (path: string, token: string) =>
    fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const sign = (path: string, by = secret, method = 'GET') =>
    new OperatorTokens({ secret: by, clock: systemClock }).sign({ method, path, body: new Uint8Array() });

  test('an explanation fits a terminal of 80 columns, and stands as it is in a file', async () => {
    const file = join(server.dataDir, 'invite.sip');
    const lines = [
      'INVITE sip:room@example.org SIP/2.0',
      'Via: SIP/2.0/UDP 203.0.113.9;branch=z9hG4bKx',
      'CSeq: 1 INVITE',
    ];
    const who = [
      'From: <sip:a@b>;tag=1',
      'To: <sip:room@b>',
      'Call-ID: x',
      'Max-Forwards: 70',
      'User-Agent: sipcli/1.8',
    ];
    await writeFile(file, ['', ...[...lines, ...who].map((line) => `      ${line}`), ''].join('\n'));
    const args = ['sip', 'explain', file, ...at(), ...keys, '--set', `cluster.secret=${secret}`];
    const narrow = (await run(args, 80)).stdout;
    for (const line of narrow.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const wide = (await run(args)).stdout;
    expect(wide).toMatch(/! application +none is connected.* \(would get 503, were it not stopped before\)\n/);
    expect(narrow.replaceAll(/\s+/g, ' ')).toBe(wide.replaceAll(/\s+/g, ' '));
  });

  test('a command with cluster.secret may, where keys are public ones', async () => {
    const { code, stdout, stderr } = await run(['sip', 'trace', ...at(), ...keys, '--set', `cluster.secret=${secret}`]);
    expect({ code, stdout, stderr }).toEqual({ code: undefined, stdout: 'No call was there yet.\n', stderr: '' });
  });

  test('a token of an operator is good once, for one address, and under the secret', async () => {
    const path = '/api/v1/sip/calls';
    const token = sign(path);
    expect((await ask(path, token)).status).toBe(200);
    expect((await ask(path, token)).status).toBe(401);
    expect((await ask(`${path}?id=another`, sign(path))).status).toBe(401);
    expect((await ask(path, sign(path, 'POST'))).status).toBe(401);
    expect((await ask(path, sign(path, `${secret}.`))).status).toBe(401);
    expect((await ask(`${path}?id=a+b%2F`, sign(`${path}?id=a+b%2F`))).status).toBe(404);
  });

  test('a token of an operator that came through a proxy is refused', async () => {
    const path = '/api/v1/sip/calls';
    const headers = { authorization: `Bearer ${sign(path)}`, 'x-forwarded-for': '203.0.113.7' };
    const answer = await fetch(`${server.url}${path}`, { headers });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toContain('good on its own machine only');
  });

  test('a command with another secret is told that it is another', async () => {
    const { code, stderr } = await run(['sip', 'trace', ...at(), ...keys, '--set', `cluster.secret=${secret}x`]);
    expect(code).toBe(1);
    expect(stderr).toContain('Parley failed while reading the trace.');
    expect(stderr).toContain('has another cluster.secret, or other keys');
  });

  test('a command that cannot sign is told what it may sign with', async () => {
    const { code, stderr } = await run(['sip', 'trace', ...at(), ...keys]);
    expect(code).toBe(1);
    expect(stderr).toContain('have nothing to sign a request with');
    expect(stderr).toContain('cluster.secret or an HS256 key');
    expect(stderr).toContain('--token');
  });

  test('a command with a token that moderates one room only is told what it needs', async () => {
    const token = server.issueToken({ identity: 'mia', room: 'standup', can: ['moderate'] });
    const { stderr } = await run(['sip', 'trace', ...at(), ...keys, '--token', token]);
    expect(stderr).toContain('must grant moderate in every room (*)');
  });

  test('a question that is none is told what is wrong with it', async () => {
    const file = join(server.dataDir, 'long.sip');
    await writeFile(file, 'x'.repeat(200_000));
    const ask = (...args: string[]) =>
      run(['sip', 'explain', file, ...args, ...at(), ...keys, '--set', `cluster.secret=${secret}`]);
    expect((await ask()).stderr).toMatch(/larger than \d+ bytes.*one SIP message, and nothing else/);
    await writeFile(file, 'x');
    expect((await ask('--from', 'trunk')).stderr).toMatch(/from must be an address.*parley sip explain --help/);
  });

  test('a command to where nobody listens is told where it asked', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const url = `http://127.0.0.1:${socket.address().port}`;
    const { code, stderr } = await run(['sip', 'trace', '--url', url, ...keys, '--token', 'a.b.c']);
    socket.close();
    expect(code).toBe(1);
    expect(stderr).toContain(`Nobody answers at ${url}.`);
    expect(stderr).toContain('sip.enabled');
  });
});

test.skipIf(!requireOrSkip('mediasoup'))('a server without SIP says that it has none', async () => {
  const server = await startServer({});
  const where = ['--dev', '--set', `dataDir=${server.dataDir}`, '--url', server.url];
  const { code, stderr } = await run(['sip', 'trace', ...where]);
  await server.close();
  expect(code).toBe(1);
  expect(stderr).toContain('has no SIP agent: sip.enabled is off');
});

test.skipIf(!requireOrSkip('mediasoup'))('a server that keeps nothing of calls says so', async () => {
  const server = await startServer({ sip: { enabled: true, listen, trace: { enabled: false } } });
  const where = ['--dev', '--set', `dataDir=${server.dataDir}`, '--url', server.url];
  const { stdout } = await run(['sip', 'trace', ...where]);
  await server.close();
  expect(stdout).toContain('sip.trace.enabled is off');
});
