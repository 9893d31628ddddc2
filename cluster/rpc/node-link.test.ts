import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { nodeDescriptors } from '../../proto/gen/node-descriptors.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import { eventually } from '../../test/support/eventually.ts';
import { startTcpRelay, type TcpRelay } from '../../test/support/tcp-relay.ts';
import type { MemoryCluster } from '../memory/memory-cluster.ts';
import type { LinkState, NodeLink } from '../node-calls.ts';
import { asBytes } from './channel.ts';
import { NodeTokens } from './node-tokens.ts';
import { createTestCluster, startTestNode, type TestNode, testSecret } from './testing/test-nodes.ts';

interface Pair extends AsyncDisposable {
  readonly cluster: MemoryCluster;
  readonly one: TestNode;
  readonly two: TestNode;
  /** Between one and two. */
  readonly relay: TcpRelay;
  /** From one to two, up. */
  readonly link: NodeLink;
}

async function startPair(): Promise<Pair> {
  const cluster = createTestCluster();
  const one = await startTestNode(cluster, 'one');
  const two = await startTestNode(cluster, 'two');
  const relay = await startTcpRelay(`http://127.0.0.1:${two.calls.port}`);
  await Promise.all([one.join(), two.join(new URL(relay.url).host)]);
  await eventually(() => one.nodes.others.has(two.life), 'one knows two');
  const link = one.calls.link(two.life);
  await eventually(() => link.state === 'up', 'the link is up');
  return {
    cluster,
    one,
    two,
    relay,
    link,
    async [Symbol.asyncDispose]() {
      await Promise.all([one.close(), two.close()]);
      await relay[Symbol.asyncDispose]();
    },
  };
}

const data = (topic: string, bytes = 0): LinkFrame => ({
  room: 'r',
  data: { fromPeerId: 'p', toPeerIds: [], topic, payload: Buffer.alloc(bytes, 1), reliable: true },
});
const topicsOf = ({ frames }: TestNode) => frames.map(({ frame }) => frame.data?.topic);

describe('a link', () => {
  it('carries frames in order, and says whom they are from', async () => {
    await using pair = await startPair();
    const { link, one, two } = pair;
    for (let n = 0; n < 1_000; n++) expect(link.send(data(String(n)), 'lossy')).toBe(true);
    await eventually(() => two.frames.length === 1_000, 'all of them came');
    expect(topicsOf(two)).toEqual(Array.from({ length: 1_000 }, (_, n) => String(n)));
    expect(new Set(two.frames.map(({ from }) => from))).toEqual(new Set([one.life]));
  });

  it('is one and the same for whoever asks', async () => {
    await using pair = await startPair();
    expect(pair.one.calls.link(pair.two.life)).toBe(pair.link);
  });

  it('that is cut goes down at once, takes nothing, and comes back when the path is mended', async () => {
    await using pair = await startPair();
    const { link, relay, two } = pair;
    const states: LinkState[] = [];
    link.events.on('stateChanged', ({ state }) => states.push(state));
    relay.cut();
    await eventually(() => link.state === 'down', 'it is down');
    expect(link.send(data('lost'), 'reliable')).toBe(false);
    relay.mend();
    await eventually(() => link.state === 'up', 'it is up again');
    expect(states).toEqual(['down', 'up']);
    expect(link.send(data('after'), 'reliable')).toBe(true);
    await eventually(() => two.frames.length > 0, 'a frame came');
    expect(topicsOf(two)).toEqual(['after']);
  });

  it('on whose path nothing moves goes down, though no connection broke', async () => {
    await using pair = await startPair();
    const { link, relay } = pair;
    relay.stall();
    await eventually(() => link.state === 'down', 'it is down');
    expect(pair.one.calls.stats().lostLinks).toBe(1);
    relay.mend();
    await eventually(() => link.state === 'up', 'it is up again');
  });

  it('to a process that takes connections and says nothing keeps trying, and leaves none of them behind', async () => {
    let taken = 0;
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => {
      taken += 1;
      sockets.add(socket);
      socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const cluster = createTestCluster();
    await using one = await startTestNode(cluster, 'one');
    await using two = await startTestNode(cluster, 'two');
    await Promise.all([one.join(), two.join(`127.0.0.1:${(silent.address() as AddressInfo).port}`)]);
    await eventually(() => one.nodes.others.has(two.life), 'one knows two');
    const link = one.calls.link(two.life);
    await eventually(() => link.state === 'down', 'it is down');
    await eventually(() => one.calls.stats().triedLinks >= 5, 'it was tried again', 20_000);
    expect(taken).toBe(1);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('drops what is lossy beyond 256 KB, and takes more of what is reliable', async () => {
    await using pair = await startPair();
    const { link, one, relay } = pair;
    relay.stall();
    // What the sockets take is sent as far as the sender knows.
    let taken = 0;
    while (link.send(data('lossy', 60_000), 'lossy')) taken += 1;
    expect(taken).toBeLessThan(20);
    expect(link.state).toBe('up');
    expect(one.calls.stats().droppedFrames).toBe(1);
    expect(link.send(data('reliable', 60_000), 'reliable')).toBe(true);
  });

  it('is made anew when too much waits that is reliable', async () => {
    await using pair = await startPair();
    const { link, one, relay, two } = pair;
    relay.stall();
    let taken = 0;
    while (link.send(data('waits', 60_000), 'reliable')) taken += 1;
    expect(taken).toBeLessThan(40);
    expect(link.state).toBe('down');
    expect(one.calls.stats()).toMatchObject({ lostLinks: 1, droppedFrames: 1 });
    relay.mend();
    await eventually(() => link.state === 'up', 'it is up again');
    expect(link.send(data('after'), 'reliable')).toBe(true);
    await eventually(() => topicsOf(two).includes('after'), 'a frame came');
  });

  it('takes no frame that is too large', async () => {
    await using pair = await startPair();
    expect(pair.link.send(data('huge', 600_000), 'reliable')).toBe(false);
    expect(pair.link.state).toBe('up');
  });

  it('ends with the life of the other node', async () => {
    await using pair = await startPair();
    const { cluster, link, one, two } = pair;
    const { life } = two;
    cluster.cut('two');
    cluster.forget(life);
    await eventually(() => link.state === 'down', 'it is down');
    expect(one.calls.link(life)).toMatchObject({ to: life, state: 'down' });
    expect(one.calls.link(life).send(data('x'), 'lossy')).toBe(false);
  });

  it('goes on under the name of the next life, after others took this node for dead', async () => {
    await using pair = await startPair();
    const { cluster, link, one, two } = pair;
    const before = one.life;
    cluster.cut('one');
    cluster.forget(before);
    cluster.mend('one');
    expect(one.life).not.toBe(before);
    await eventually(() => link.state === 'up' && link.send(data('reborn'), 'reliable'), 'it is up again');
    await eventually(() => two.frames.length > 0, 'a frame came');
    expect(two.frames[0]?.from).toBe(one.life);
  });
});

describe('a link that somebody else opens', () => {
  const { path } = nodeDescriptors.methods.link;
  const open = (node: TestNode, token: string) => {
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    const channel = new Client(`127.0.0.1:${node.calls.port}`, credentials.createInsecure(), options);
    const headers = new Metadata();
    headers.set('authorization', token);
    return { channel, stream: channel.makeBidiStreamRequest(path, asBytes, asBytes, headers) };
  };
  const sign = (from: string, to: string) =>
    new NodeTokens({ secret: testSecret, clock: systemClock }).sign(from, { to, path, body: Buffer.alloc(0) });

  it('is refused without a token', async () => {
    await using pair = await startPair();
    const { channel, stream } = open(pair.two, 'nonsense.token');
    const error = await new Promise<Error>((resolve) => stream.on('error', resolve));
    expect(error.message).toContain('refused');
    channel.close();
  });

  it('is counted and outlived when garbage comes over it, and ended when nothing does', async () => {
    await using pair = await startPair();
    const { two } = pair;
    const { channel, stream } = open(two, sign('three~x', two.life));
    const ended = new Promise<void>((resolve) =>
      stream
        .on('end', resolve)
        .on('error', () => resolve())
        .resume(),
    );
    stream.write(Buffer.alloc(100, 0xff));
    await eventually(() => two.calls.stats().droppedFrames === 1, 'it was counted');
    await ended;
    channel.close();
    expect(pair.link.state).toBe('up');
    expect(pair.link.send(data('fine'), 'reliable')).toBe(true);
    await eventually(() => topicsOf(two).includes('fine'), 'others go on');
  });
});
