import { describe, expect, test } from 'vitest';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { nodeInfo } from '../../cluster/testing/node-info.ts';
import { systemClock } from '../../core/clock.ts';
import type { RoomId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { startNodes } from '../../signaling/testing/start-nodes.ts';
import type { TestSignaling } from '../../signaling/testing/start-signaling.ts';
import { eventually } from '../../test/support/eventually.ts';
import { readyOf } from '../../test/support/ready-of.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { runProgram } from '../cli/program.ts';
import type { PartialConfig } from '../config/schema.ts';
import { drainPath } from '../http/drain.ts';
import { NodeDrain } from './node-drain.ts';
import { OperatorTokens } from './operator-tokens.ts';

const room = 'standup';

/** Both know each other. */
async function startTwo(config: PartialConfig = {}, leaseMs = 60_000) {
  const cluster = new MemoryCluster({ beatMs: 50, leaseMs, askEachOther: true });
  const engines = [cluster.join('one'), cluster.join('two')] as const;
  const one = await startServer({ ...config, node: { name: 'one' } }, { engines: engines[0] });
  const two = await startServer({ ...config, node: { name: 'two' } }, { engines: engines[1] });
  const knows = ({ directory }: (typeof engines)[0]) => [...directory.nodes.others.values()].some(({ ready }) => ready);
  await eventually(() => engines.every(knows), 'they know each other');
  const dispose = async () => {
    await one.close();
    await two.close();
  };
  return { one, two, cluster, [Symbol.asyncDispose]: dispose };
}

async function drain(server: RunningServer, ...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const terminal = { stdout: into('stdout'), stderr: into('stderr'), env: { PARLEY_DATA_DIR: server.dataDir } };
  const code = await runProgram(['drain', '--dev', '--port', new URL(server.url).port, ...args], terminal);
  return { code: code ?? 0, ...written };
}

interface Session {
  readonly sessionId: string;
  readonly resumeSecret: string;
  readonly resumed: boolean;
}

async function connect(server: RunningServer, identity: string, resume?: object) {
  const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
  const token = server.issueToken({ identity });
  const { result, error } = await socket.call('connect', 'session.connect', { token, ...(resume && { resume }) });
  const told = (event: string) =>
    (socket.received as { method?: string; params?: unknown }[]).filter(({ method }) => method === event);
  return { socket, session: result as unknown as Session, error, told };
}

async function join(server: RunningServer, identity: string) {
  const client = await connect(server, identity);
  const { result } = await client.socket.call('join', 'room.join', { room });
  const { sessionId, resumeSecret: secret } = client.session;
  const { peerId } = result as { peerId: string };
  return { ...client, resume: { sessionId, secret, rooms: [{ room, peerId }] } };
}

describe.skipIf(!requireOrSkip('mediasoup'))('parley drain', () => {
  test('sends the clients of a node to the others, where they are who they were', async () => {
    await using servers = await startTwo();
    const { one, two } = servers;
    const [ada, bo] = [await join(one, 'ada'), await join(two, 'bo')];
    expect(await drain(one, '--deadline', '30s')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^draining: 1 clients, \d+ s left\n$/),
    });
    expect(await readyOf(one)).toMatchObject({
      status: 503,
      body: { reasons: ['its clients are sent to other nodes'] },
    });
    const refused = await connect(one, 'new');
    expect(refused.error?.data.reason).toBe('SERVER_DRAINING');
    await refused.socket.close();
    await eventually(() => ada.told('moveRequested').length === 1, 'ada is asked');
    const again = await connect(two, 'ada', ada.resume);
    expect(again.session.resumed).toBe(true);
    expect((await ada.socket.closing()).reason).toContain('SESSION_TAKEN_OVER');
    expect(await drain(one, '--wait')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/drained: 0 clients\n$/),
    });
    expect(bo.told('peersLeft')).toEqual([]);
  });

  test('sends away at its deadline whoever did not go, and can be undone', async () => {
    await using servers = await startTwo();
    const { one, two } = servers;
    const [ada, bo] = [await join(one, 'ada'), await join(two, 'bo')];
    expect(await drain(one, '--deadline', '0s', '--wait')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/drained: 0 clients\n$/),
    });
    expect((await ada.socket.closing()).reason).toContain('SERVER_DRAINING');
    await eventually(() => bo.told('peerChanged').length === 1, 'bo is told that ada is away');
    expect(bo.told('peersLeft')).toEqual([]);
    expect(await drain(one, '--undo')).toMatchObject({ code: 0, stdout: 'ready: 0 clients\n' });
    expect((await readyOf(one)).status).toBe(200);
    expect((await connect(one, 'new')).error).toBeUndefined();
    expect(await drain(one, '--status')).toMatchObject({ stdout: 'ready: 1 clients\n' });
  });

  test('is refused where no other node takes clients', async () => {
    await using server = await startServer({}, { engines: new MemoryCluster().join('one') });
    expect(await drain(server)).toMatchObject({ code: 1, stderr: expect.stringContaining('no other node') });
    expect((await readyOf(server)).status).toBe(200);
  });

  test('says what is wrong where nothing answers, or no node of a cluster', async () => {
    await using single = await startServer();
    expect(await drain(single)).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing at this address') });
    await single.close();
    expect(await drain(single)).toMatchObject({ code: 1, stderr: expect.stringContaining('does not answer') });
  });

  test('is not for anybody who cannot sign, nor for anybody behind a proxy', async () => {
    await using server = await startServer({}, { engines: new MemoryCluster().join('one') });
    const tokens = new OperatorTokens({ secret: 'another secret of thirty-two bytes', clock: systemClock });
    const body = new Uint8Array();
    const signed = `Bearer ${tokens.sign({ method: 'GET', path: drainPath, body })}`;
    const reasonOf = async (headers: Record<string, string>) => {
      const answer = await fetch(`${server.url}${drainPath}`, { headers });
      const { error } = (await answer.json()) as { error: { reason: string } };
      return [answer.status, error.reason];
    };
    expect(await reasonOf({})).toEqual([401, 'TOKEN_MISSING']);
    expect(await reasonOf({ authorization: signed })).toEqual([401, 'NODE_TOKEN_REFUSED']);
    expect(await reasonOf({ authorization: signed, 'x-forwarded-for': '203.0.113.1' })).toEqual([
      404,
      'ROUTE_NOT_FOUND',
    ]);
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('a node that is stopped', () => {
  test('asks its clients to move before it closes their connections', async () => {
    await using servers = await startTwo({ shutdown: { drainMs: 20_000, moveStaggerMs: 1 } });
    const { one, two } = servers;
    const [ada, bo] = [await join(one, 'ada'), await join(two, 'bo')];
    const drained = one.app.drain();
    await eventually(() => ada.told('moveRequested').length === 1, 'ada is asked');
    expect((await connect(two, 'ada', ada.resume)).session.resumed).toBe(true);
    await drained;
    expect(ada.told('sessionClosing')).toEqual([]);
    await one.close();
    expect(bo.told('peersLeft')).toEqual([]);
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('a node that alone cannot reach what the nodes share', () => {
  test('asks its clients to move once its lease is over, and takes clients again when it can', async () => {
    await using servers = await startTwo({}, 2_000);
    const { one, cluster } = servers;
    const ada = await join(one, 'ada');
    cluster.cut('one');
    await eventually(() => ada.told('moveRequested').length === 1, 'ada is asked');
    expect((await readyOf(one)).status).toBe(503);
    cluster.mend('one');
    await eventually(async () => (await readyOf(one)).status === 200, 'it is ready');
    expect((await connect(one, 'new')).error).toBeUndefined();
  });

  test('is not undone by that when somebody drains it', async () => {
    await using servers = await startTwo({}, 2_000);
    const { one, cluster } = servers;
    const ada = await join(one, 'ada');
    cluster.cut('one');
    await eventually(() => ada.told('moveRequested').length === 1, 'ada is asked');
    expect((await drain(one, '--deadline', '30s')).code).toBe(0);
    cluster.mend('one');
    const reasons = async () => JSON.stringify((await readyOf(one)).body);
    await eventually(async () => !(await reasons()).includes('Redis'), 'it can');
    expect(await reasons()).toContain('its clients are sent to other nodes');
  });

  test('keeps its clients while the others cannot reach it either', async () => {
    await using servers = await startTwo({}, 2_000);
    const { one, two, cluster } = servers;
    const ada = await join(one, 'ada');
    cluster.cut('one');
    cluster.cut('two');
    const isLimited = async (server: RunningServer) =>
      JSON.stringify((await readyOf(server)).body).includes('Redis cannot be reached');
    await eventually(async () => (await isLimited(one)) && (await isLimited(two)), 'both say that it is away');
    expect((await readyOf(one)).status).toBe(200);
    expect(ada.told('moveRequested')).toEqual([]);
  });
});

test('a node that stops while it alone cannot reach Redis has its clients go on, also when it can again', async () => {
  const { nodes } = await startNodes(['one', 'two']);
  const [{ signaling }] = nodes as [TestSignaling];
  const drain = new NodeDrain({ signaling, nodes: { others: new Map([['two', nodeInfo('two')]]) }, log: silentLogger });
  drain.followIsolation(true);
  drain.followIsolation(false);
  expect(drain.isDraining).toBe(false);
  drain.followIsolation(true);
  void drain.move(20_000);
  drain.followIsolation(false);
  expect(drain.isDraining).toBe(true);
  signaling.close();
});

test('a node waits for phones in calls, who cannot go elsewhere, and no longer than it may', async () => {
  const { nodes, advance } = await startNodes(['one', 'two']);
  const [{ signaling }] = nodes as [TestSignaling];
  const drain = new NodeDrain({ signaling, nodes: { others: new Map([['two', nodeInfo('two')]]) }, log: silentLogger });
  const call = () =>
    signaling.phoneDesk.join({ room: room as RoomId, identity: 'tel:1', name: '', number: '1', trunk: 'city' });
  const [first, second] = [await call(), await call()];
  void drain.move(20_000);
  await advance(5_000);
  expect(drain.status()).toMatchObject({ state: 'draining', clients: 0, phones: 2 });
  first.leave('left');
  second.leave('left');
  await advance(1_000);
  expect(drain.status()).toMatchObject({ state: 'drained', phones: 0 });
  drain.undo();
  await advance(1_000);

  await call();
  void drain.move(20_000);
  await advance(19_000);
  expect(drain.status()).toMatchObject({ state: 'draining', phones: 1 });
  await advance(2_000);
  expect(drain.status()).toMatchObject({ state: 'drained', phones: 1, leftMs: 0 });
  signaling.close();
});
