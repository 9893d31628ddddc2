import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Logger } from '../core/log.ts';
import { silentLogger } from '../core/log.ts';
import { eventually } from '../test/support/eventually.ts';
import { startParley } from '../test/support/parley-process.ts';
import { requireOrSkip } from '../test/support/require.ts';
import { TestSocket } from '../test/support/rpc-client.ts';
import { type RunningServer, startServer } from '../test/support/start-server.ts';
import { createApp } from './app.ts';
import { createConfig } from './config.ts';
import { createIssuer } from './identity/create-identity.ts';
import { StartError } from './start-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-app-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const secret = randomBytes(32).toString('base64url');
const smallMedia = { port: 0, workers: 1, listenIp: '127.0.0.1' } as const;

/** Options of a server that is not for development. */
function createServiceConfig() {
  return createConfig({
    dataDir: folder,
    gateway: { port: 0 },
    media: smallMedia,
    identity: { keys: [{ kid: 'main', algorithm: 'HS256', secret, file: '' }] },
  });
}

function createRecorder(): { log: Logger; messages: string[]; fields: Record<string, unknown>[] } {
  const messages: string[] = [];
  const fields: Record<string, unknown>[] = [];
  const write = (given: object, message: string) => {
    messages.push(message);
    fields.push({ ...given });
  };
  const log: Logger = { debug: () => {}, info: write, warn: write, error: write, child: () => log };
  return { log, messages, fields };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const json = { 'content-type': 'application/json' };

describe.skipIf(!requireOrSkip('mediasoup'))('a whole server', () => {
  test('is alive, is ready, and says 404 to what it does not have', async () => {
    await using server = await startServer();
    expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' });
    const ready = await fetch(`${server.url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
    const missing = await fetch(`${server.url}/api/v1/nothing`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: { reason: 'ROUTE_NOT_FOUND' } }]);
  });

  test('lets a guest of the page into its room, and counts it', async () => {
    await using server = await startServer();
    const body = JSON.stringify({ name: 'Ada', room: 'standup' });
    const answer = await fetch(`${server.url}/api/v1/tokens`, { method: 'POST', headers: json, body });
    const { token } = (await answer.json()) as { token: string };
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    expect((await socket.call(1, 'session.connect', { token })).result).toMatchObject({ name: 'Ada' });
    expect((await socket.call(2, 'room.join', { room: 'standup' })).result).toMatchObject({ peerCount: 1 });
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    for (const line of [
      'parley_connections{protocol="json"} 1',
      'parley_rooms 1',
      'parley_peers{kind="client"} 1',
      'parley_media_workers 1',
      'parley_call_seconds_count{method="room.join",outcome="ok"} 1',
    ]) {
      expect(metrics.split('\n')).toContain(line);
    }
    await socket.close();
  });

  test('shows its metrics to nobody who comes through a proxy that it does not trust, whichever others it does', async () => {
    await using server = await startServer({ gateway: { trustedProxies: ['192.0.2.1'] } });
    const statusWith = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/metrics`, { headers })).status;
    expect(await statusWith({})).toBe(200);
    expect(await statusWith({ 'x-forwarded-for': '203.0.113.7' })).toBe(404);
    expect(await statusWith({ 'x-real-ip': '203.0.113.7' })).toBe(404);
  });

  test('takes the tokens of its own key, and refuses expired ones with their reason', async () => {
    await using server = await startServer();
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    const expired = server.issueToken({ identity: 'ada', ttlSeconds: -60 });
    expect((await socket.call(1, 'session.connect', { token: expired })).error?.data.reason).toBe('TOKEN_EXPIRED');
    const token = server.issueToken({ identity: 'ada', room: 'team-*' });
    const again = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    expect((await again.call(1, 'session.connect', { token })).result).toMatchObject({ identity: 'ada' });
  });

  test('that drains tells its sessions, is not ready, and lets nobody in', async () => {
    await using server = await startServer({ shutdown: { drainMs: 5_000 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const statusOfReady = () =>
      new Promise<number | undefined>((resolve, reject) => {
        get(`${server.url}/ready`, { agent }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        }).on('error', reject);
      });
    expect(await statusOfReady()).toBe(200);
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    await socket.call(1, 'session.connect', { token: server.issueToken({ identity: 'ada' }) });
    const draining = server.app.drain();
    expect(await socket.closing()).toEqual({ code: 4503, reason: 'SERVER_DRAINING' });
    expect(socket.received).toContainEqual(expect.objectContaining({ method: 'sessionClosing' }));
    await draining;
    expect(await statusOfReady()).toBe(503);
    agent.destroy();
    await expect(new TestSocket(server.wsUrl, ['parley.v1.json']).opened()).rejects.toThrow();
  });

  test('keeps what was said over a restart, for clients of the API and of the plain chat', async () => {
    const dataDir = await mkdtemp(join(folder, 'kept-'));
    const said = { room: 'standup', clientId: 'c1', text: 'Grüß dich' };
    const enter = async (server: RunningServer) => {
      const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
      await socket.call(1, 'session.connect', { token: server.issueToken({ identity: 'ada' }) });
      const { result } = await socket.call(2, 'room.join', { room: 'standup' });
      return { socket, result };
    };
    const receipt = await (async () => {
      await using server = await startServer({}, { dataDir });
      const { socket } = await enter(server);
      const answer = await socket.call(3, 'chat.send', said);
      expect(answer.result).toMatchObject({ durability: 'disk', duplicate: false });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toMatch(/^parley_store_appended_total [1-9]/m);
      expect(metrics).toMatch(/^parley_store_append_seconds_count [1-9]/m);
      return answer.result;
    })();
    await using server = await startServer({}, { dataDir });
    const { socket } = await enter(server);
    const again = await socket.call(3, 'chat.send', said);
    expect(again.result).toEqual({ ...receipt, duplicate: true });
    const guest = await new TestSocket(`${server.chatUrl}?room=standup&user=Ben`).opened();
    guest.send({ type: 'history', limit: 50 });
    const history = await eventually(
      () => guest.received.find((frame) => (frame as { type: string }).type === 'history'),
      'the history',
    );
    expect(history).toMatchObject({
      messages: [{ type: 'message', content: 'Grüß dich', user: 'ada', clientId: 'c1', seq: receipt?.['seq'] }],
      more: false,
    });
  });

  test('whose folder another server has says so before it starts anything', async () => {
    await using server = await startServer();
    const { log, fields } = createRecorder();
    const failure = await startServer({}, { log, dataDir: server.dataDir }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).message).toContain('in use by another server');
    expect(fields.filter((line) => 'workerPid' in line)).toEqual([]);
    expect((await fetch(`${server.url}/ready`)).status).toBe(200);
  });

  test('that is not for development has no guest tokens, and takes those of its configured key', async () => {
    const config = createServiceConfig();
    const app = createApp(config, { log: silentLogger });
    try {
      const { url } = await app.start();
      const answer = await fetch(`${url}/api/v1/tokens`, { method: 'POST', headers: json, body: '{}' });
      expect(answer.status).toBe(404);
      const token = createIssuer(config).issue({ identity: 'ada', name: 'Ada', grants: [], ttlSeconds: 60 });
      const socket = await new TestSocket(`${url.replace('http', 'ws')}/ws`, ['parley.v1.json']).opened();
      expect((await socket.call(1, 'session.connect', { token })).result).toMatchObject({ identity: 'ada' });
    } finally {
      await app.close();
    }
  });

  test('says when it would announce private addresses only, unless it is for development', async () => {
    const warning = expect.stringContaining('private addresses only');
    const service = createRecorder();
    const app = createApp(createServiceConfig(), { log: service.log });
    await app.start().finally(() => app.close());
    expect(service.messages).toContainEqual(warning);
    const development = createRecorder();
    await (await startServer({}, { log: development.log })).close();
    expect(development.messages).not.toContainEqual(warning);
  });

  test('whose port is taken says so, and leaves no worker behind', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await eventually(() => taken.address(), 'the other server');
    const { port } = taken.address() as { port: number };
    const { log, fields } = createRecorder();
    const failure = await startServer({ gateway: { port } }, { log }).catch((error: unknown) => error);
    taken.close();
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).message).toContain(`port ${port}`);
    const workers = fields.flatMap(({ workerPid }) => (typeof workerPid === 'number' ? [workerPid] : []));
    expect(workers).not.toEqual([]);
    await eventually(() => !workers.some(isAlive), 'the end of the workers');
  });

  test('whose media port is taken says so', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await eventually(() => taken.address(), 'the other server');
    const { port } = taken.address() as { port: number };
    const failure = await startServer({ media: { port } }).catch((error: unknown) => error);
    taken.close();
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).message).toContain(`port ${port}`);
    expect((failure as StartError).mend).toContain('media.port');
  });

  test('that is given an address of elsewhere for media names the option', async () => {
    const failure = await startServer({ media: { listenIp: '192.0.2.1' } }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).message).toContain('192.0.2.1');
    expect((failure as StartError).mend).toContain('media.listenIp (PARLEY_MEDIA_LISTEN_IP)');
    expect((failure as StartError).mend).not.toContain('media.port');
  });

  test('that is closed while it starts does not start after all', async () => {
    const app = createApp(createServiceConfig(), { log: silentLogger });
    const starting = app.start().then(
      () => 'started',
      () => 'did not start',
    );
    await app.close();
    expect(await starting).toBe('did not start');
  });
});

describe('a server without keys', () => {
  test('refuses to start, and says what to configure', async () => {
    const app = createApp(createConfig({ dataDir: folder, gateway: { port: 0 }, media: smallMedia }), {
      log: silentLogger,
    });
    const failure = await app.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    expect((failure as StartError).mend).toMatch(/PARLEY_IDENTITY_KEYS.*--dev/);
  });

  test('exits with 1 and without a stack', async () => {
    await using parley = startParley(['serve'], { cwd: folder });
    expect(await parley.exited()).toBe(1);
    expect(parley.stderr()).toContain('No keys are configured');
    expect(parley.stderr()).not.toMatch(/\n\s+at /);
  });
});

// In processes of their own, for one process has one worker binary.
describe('a server whose media worker', () => {
  test.each([
    ['is not there', '/nowhere/mediasoup-worker'],
    ['ends at once', process.execPath],
  ])('%s names the option', async (_, workerBin) => {
    await using parley = startParley(['serve', '--dev', '--port', '0', '--set', `media.workerBin=${workerBin}`], {
      cwd: folder,
    });
    expect(await parley.exited()).toBe(1);
    expect(parley.stderr()).toContain(workerBin);
    expect(parley.stderr()).toContain('media.workerBin');
    expect(parley.stderr()).not.toContain('media.port');
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('the process of a server', () => {
  const args = ['serve', '--dev', '--port', '0', '--set', 'media.port=0', '--set', 'log.format=json'];

  /** A server in a process of its own that has started, and what its log says of a line. */
  async function startProcess(...more: string[]) {
    const parley = startParley([...args, ...more], { cwd: folder });
    await parley.waitFor('server listening');
    const findLine = (message: string) => {
      const line = parley
        .stdout()
        .split('\n')
        .find((text) => text.includes(message));
      return JSON.parse(line ?? '{}') as Record<string, string>;
    };
    return { parley, findLine };
  }

  test('drains at the first signal, and exits with 0', async () => {
    const { parley, findLine } = await startProcess('--set', 'shutdown.drainMs=10000');
    await using _ = parley;
    const url = findLine('server listening')['url'] ?? '';
    const socket = await new TestSocket(`${url.replace('http', 'ws')}/ws`, ['parley.v1.json']).opened();
    parley.child.kill('SIGTERM');
    expect(await socket.closing()).toEqual({ code: 4503, reason: 'SERVER_DRAINING' });
    expect(await parley.exited()).toBe(0);
    expect(parley.stdout()).toContain('server stopped');
  });

  test.skipIf(process.platform !== 'linux')('keeps its secrets from the media workers', async () => {
    const keys = JSON.stringify([{ kid: 'main', secret }]);
    const serve = ['serve', '--port', '0', '--set', 'media.port=0', '--set', 'log.format=json'];
    await using parley = startParley(serve, {
      cwd: folder,
      env: { PARLEY_IDENTITY_KEYS: keys, PARLEY_METRICS_TOKEN: secret, PARLEY_MEDIA_LISTEN_IP: '127.0.0.1' },
    });
    await parley.waitFor('server listening');
    const line = parley
      .stdout()
      .split('\n')
      .find((text) => text.includes('media worker started'));
    const { workerPid } = JSON.parse(line ?? '{}') as { workerPid: number };
    const environment = await readFile(`/proc/${workerPid}/environ`, 'utf8');
    expect(environment).toContain('PARLEY_MEDIA_LISTEN_IP');
    expect(environment).not.toContain(secret);
  });

  test('stops at the second signal, with 1, though a part does not close', async () => {
    const { parley, findLine } = await startProcess();
    await using _ = parley;
    const worker = Number(findLine('media worker started')['workerPid']);
    process.kill(worker, 'SIGSTOP');
    try {
      await eventually(() => {
        parley.child.kill('SIGTERM');
        return parley.child.exitCode !== null;
      }, 'the end of the process');
      expect(await parley.exited()).toBe(1);
      expect(parley.stdout()).toContain('stopped at once');
    } finally {
      process.kill(worker, 'SIGKILL');
    }
  });
});
