import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { nodeDescriptors } from '../../proto/gen/node-descriptors.ts';
import { encodeNodeMessage } from '../../proto/node-messages.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startTcpRelay } from '../../test/support/tcp-relay.ts';
import { asBytes } from './channel.ts';
import { NodeTokens } from './node-tokens.ts';
import { createTestCluster, startTestNode, type TestNode, testSecret } from './testing/test-nodes.ts';

const mute = { room: 'r', term: 3, muteProducer: { producerId: 'p', muted: true, lock: false } };

/** The reason of its failure; `ok` when there is none. */
function outcomeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof AppError ? error.reason : String(error)),
  );
}

async function knows(node: TestNode, other: TestNode): Promise<void> {
  await eventually(() => node.nodes.others.has(other.life), `${node.name} knows ${other.name}`);
}

describe.concurrent('a call from node to node', () => {
  it('is answered by its handler, which is told who called', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', {
      handlers: { command: (request, from) => ({ result: JSON.stringify({ request, from }) }) },
    });
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    const { result } = await one.calls.call(two.life, 'command', mute);
    expect(JSON.parse(result)).toEqual({ request: mute, from: one.life });
  });

  it('fails with the reason, details and time that the handler threw', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', {
      handlers: {
        command: () => {
          throw new AppError('ROOM_FULL', { room: 'r', limit: 2 }, { retryAfterMs: 700 });
        },
      },
    });
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    const call = one.calls.call(two.life, 'command', mute);
    await expect(call).rejects.toMatchObject({
      reason: 'ROOM_FULL',
      message: 'The room r is full: it holds 2.',
      details: { room: 'r', limit: '2' },
      retryAfterMs: 700,
    });
  });

  it('fails as INTERNAL, without what went wrong, when the handler fails in another way', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', {
      handlers: {
        command: () => {
          throw new TypeError('a secret detail');
        },
      },
    });
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    const call = one.calls.call(two.life, 'command', mute);
    await expect(call).rejects.toMatchObject({ reason: 'INTERNAL', message: 'Something went wrong in the server.' });
  });

  it('fails at once when nobody knows the node', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await one.join();
    expect(await outcomeOf(one.calls.call('two~nowhere', 'ping', {}))).toBe('NODE_UNREACHABLE');
  });

  it('fails when the node does not do that yet', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two');
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    expect(await outcomeOf(one.calls.call(two.life, 'command', mute))).toBe('NODE_UNREACHABLE');
  });

  it('is refused by a node with another secret', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one', { secret: 'x'.repeat(32) });
    await using two = await startTestNode(cluster, 'two');
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    expect(await outcomeOf(one.calls.call(two.life, 'ping', {}))).toBe('NODE_TOKEN_REFUSED');
  });

  it('is refused from a node that was taken for dead, which may ask no more than whether the other one lives', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', { handlers: { command: () => ({ result: '' }) } });
    await Promise.all([one.join(), two.join()]);
    await Promise.all([knows(one, two), knows(two, one)]);
    expect(await outcomeOf(one.calls.call(two.life, 'command', mute))).toBe('ok');
    const ghost = one.life;
    cluster.cut('one');
    cluster.forget(ghost);
    await eventually(() => !two.nodes.others.has(ghost), 'two has heard of its death');
    expect(await outcomeOf(one.calls.call(two.life, 'command', mute))).toBe('NODE_TOKEN_REFUSED');
    expect(await outcomeOf(one.calls.call(two.life, 'ping', {}))).toBe('ok');
  });

  it('is answered by a node that goes on as another life, to who cannot hear of that, as far as it asks whether it lives', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', { handlers: { command: () => ({ result: '' }) } });
    await Promise.all([one.join(), two.join()]);
    await Promise.all([knows(one, two), knows(two, one)]);
    const before = two.life;
    cluster.cut('one');
    cluster.forget(before);
    await eventually(() => two.life !== before, 'two goes on as another life');
    expect(await outcomeOf(one.calls.call(before, 'ping', {}))).toBe('ok');
    expect(await outcomeOf(one.calls.call(before, 'command', mute))).toBe('NODE_TOKEN_REFUSED');
  });

  it('is not broken off by an answer that is slow and in time', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', {
      handlers: {
        command: () => new Promise((resolve) => systemClock.after(200, () => resolve({ result: 'slow' }))),
      },
    });
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => outcomeOf(one.calls.call(two.life, 'command', mute))),
    );
    expect(new Set(outcomes)).toEqual(new Set(['ok']));
    expect(one.calls.stats().broken).toEqual([]);
  });
});

describe.concurrent('a path between nodes', () => {
  it('that is cut fails calls, and carries them again when it is mended', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two');
    await using relay = await startTcpRelay(`http://127.0.0.1:${two.calls.port}`);
    await Promise.all([one.join(), two.join(new URL(relay.url).host)]);
    await knows(one, two);
    const ping = () => outcomeOf(one.calls.call(two.life, 'ping', {}));
    expect(await ping()).toBe('ok');
    relay.cut();
    expect(await ping()).toBe('NODE_UNREACHABLE');
    relay.mend();
    await eventually(async () => (await ping()) === 'ok', 'calls go through again');
  });

  it('on which nothing moves is not waited for by each call, and works again once things move', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one', { timeoutMs: 300 });
    await using two = await startTestNode(cluster, 'two');
    await using relay = await startTcpRelay(`http://127.0.0.1:${two.calls.port}`);
    await Promise.all([one.join(), two.join(new URL(relay.url).host)]);
    await knows(one, two);
    const ping = () => outcomeOf(one.calls.call(two.life, 'ping', {}));
    relay.stall();
    for (let miss = 0; miss < 3; miss++) expect(await ping()).toBe('NODE_UNREACHABLE');
    expect(one.calls.stats().broken).toEqual([two.life]);
    relay.mend();
    await eventually(async () => (await ping()) === 'ok', 'calls go through again');
    expect(one.calls.stats().broken).toEqual([]);
  });
});

describe.concurrent('another process', () => {
  it('that is stopped fails calls within their time, and answers once it goes on', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one', { timeoutMs: 1_000 });
    await one.join();
    const child = fork(new URL('./testing/other-process.ts', import.meta.url), {
      execArgv: ['--import', 'tsx'],
    });
    try {
      const [{ port, life }] = (await once(child, 'message')) as [{ port: number; life: string }];
      // The cluster of this process has a node of that life and address.
      const info = { ...([...cluster.leases.values()][0]?.info as object), rpcAddress: `127.0.0.1:${port}` };
      cluster.leases.set(life, { node: 'child', untilMs: Number.POSITIVE_INFINITY, info });
      await eventually(() => one.nodes.others.has(life), 'one knows the other process');
      const ping = () => outcomeOf(one.calls.call(life, 'ping', {}));
      await eventually(async () => (await ping()) === 'ok', 'it answers');
      child.kill('SIGSTOP');
      for (let miss = 0; miss < 3; miss++) expect(await ping()).toBe('NODE_UNREACHABLE');
      expect(one.calls.stats().broken).toEqual([life]);
      child.kill('SIGCONT');
      await eventually(async () => (await ping()) === 'ok', 'it answers again');
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe.concurrent('a node that is sent garbage', () => {
  const { path } = nodeDescriptors.methods.command;

  const raw = async (node: TestNode, body: Buffer, headers: Metadata): Promise<string> => {
    const options = { 'grpc.max_send_message_length': -1, 'grpc.use_local_subchannel_pool': 1 };
    const channel = new Client(`127.0.0.1:${node.calls.port}`, credentials.createInsecure(), options);
    try {
      return await new Promise((resolve) => {
        channel.makeUnaryRequest(path, asBytes, asBytes, body, headers, { deadline: Date.now() + 5_000 }, (error) =>
          resolve(error ? `${status[error.code]} ${error.details}` : 'ok'),
        );
      });
    } finally {
      channel.close();
    }
  };

  it('refuses it, and answers others as before', async () => {
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two', { handlers: { command: () => ({ result: 'done' }) } });
    await Promise.all([one.join(), two.join()]);
    await knows(one, two);
    const body = Buffer.from(encodeNodeMessage('CommandRequest', mute));
    const signed = (bytes: Buffer, { secret = testSecret, to = two.life, byMs = 0 } = {}) => {
      const headers = new Metadata();
      const clock = { nowMs: () => systemClock.nowMs() + byMs };
      headers.set('authorization', new NodeTokens({ secret, clock }).sign(one.life, { to, path, body: bytes }));
      return headers;
    };
    const heard = signed(body);
    expect(await raw(two, body, heard)).toBe('ok');
    expect(two.calls.stats().refusedCalls).toBe(0);
    expect(await raw(two, body, heard)).toContain('used before');
    expect(await raw(two, body, signed(body, { secret: 'x'.repeat(32) }))).toContain('signature');
    expect(await raw(two, body, signed(body, { to: one.life }))).toContain('another node');
    expect(await raw(two, body, signed(body, { byMs: -180_000 }))).toContain('expired');
    expect(await raw(two, body, signed(body, { byMs: 180_000 }))).toContain('of the future');
    expect(two.calls.stats().refusedCalls).toBe(5);
    expect(await raw(two, body, new Metadata())).toMatch(/^UNAUTHENTICATED .*it is missing/);
    expect(await raw(two, body, signed(Buffer.of(1)))).toContain('signature');
    const junk = Buffer.alloc(100, 0xff);
    expect(await raw(two, junk, signed(junk))).toContain('it is no CommandRequest');
    const huge = Buffer.alloc(2 * 1024 * 1024);
    expect(await raw(two, huge, signed(huge))).toContain('larger than max');
    const socket = connect(two.calls.port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(100));
    await once(socket, 'close');
    expect(await outcomeOf(one.calls.call(two.life, 'command', mute))).toBe('ok');
  });
});
