// Calls of people who are on different nodes, over a real Redis and gRPC.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Client, createClient } from '../../client/src/index.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';

const deadlineMs = 30_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('calls over two nodes', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startCluster({ nodes: 2, as: 'processes' });
  }, 120_000);

  afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  });

  async function signIn(place: number, identity: string): Promise<Client> {
    const client = createClient({
      urls: cluster.urlsFrom(place),
      token: () => cluster.tokenOf(identity),
      webSocket: WebSocket,
      timing: { reconnectBaseMs: 50, reconnectCapMs: 500, retryBaseMs: 50, retryCapMs: 500 },
    });
    client.calls.on('incoming', () => {});
    await client.connect();
    return client;
  }

  /** Who has just signed in is known at the other node a moment later; before that nobody can be reached. */
  const callOnceKnown = (client: Client, user: string) =>
    eventually(
      async () => {
        const call = await client.calls.start({ to: { user } }).catch(() => undefined);
        return call?.state === 'ringing' ? call : undefined;
      },
      'it can be called',
      deadlineMs,
    );

  const ringing = (client: Client) =>
    eventually(
      () => [...client.calls.current.values()].find(({ state }) => state === 'ringing'),
      'it rings',
      deadlineMs,
    );

  test('ring, are answered at the other node, and end for both', async () => {
    const [ada, bob] = [await signIn(0, 'ada'), await signIn(1, 'bob')];
    const call = await callOnceKnown(ada, 'bob');
    const incoming = await ringing(bob);
    await incoming.accept();
    await eventually(() => call.state === 'accepted' && call.room?.peerCount === 2, 'both are in the room', deadlineMs);
    expect(call.otherLegs).toMatchObject([{ identity: 'bob', via: 'client' }]);
    await eventually(() => call.otherLegs[0]?.peerId !== '', 'the leg has its peer', deadlineMs);
    await incoming.end();
    await eventually(() => call.state === 'ended', 'the caller hears of the end', deadlineMs);
    expect(call.endReason).toBe('hung-up');
    const listed = await eventually(async () => (await bob.calls.list()).calls[0], 'it is listed', deadlineMs);
    expect(listed).toMatchObject({ callId: call.callId, direction: 'incoming', endReason: 'hung-up' });
    await Promise.all([ada.close(), bob.close()]);
  });

  test('are over when the node dies that they live on, and are listed so', async () => {
    const [cy, dora] = [await signIn(0, 'cy'), await signIn(1, 'dora')];
    const call = await callOnceKnown(cy, 'dora');
    const incoming = await ringing(dora);
    await incoming.accept();
    await eventually(() => call.state === 'accepted', 'it is answered', deadlineMs);
    await cluster.node(0).kill();
    await eventually(() => incoming.state === 'ended', 'the other one hears of the end', deadlineMs);
    const listed = await eventually(async () => (await dora.calls.list()).calls[0], 'it is listed', deadlineMs);
    expect(listed).toMatchObject({ callId: call.callId, endReason: 'node-lost' });
    await Promise.all([cy.close(), dora.close()]);
  });
});
