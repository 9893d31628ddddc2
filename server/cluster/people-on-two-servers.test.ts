import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';

const room = 'standup';

interface Told {
  readonly method?: string;
  readonly params?: { readonly peers?: readonly { readonly identity: string; readonly reason: string }[] };
}

interface Joined {
  readonly peerId: string;
  readonly peerCount: number;
  readonly peers: readonly { readonly identity: string }[];
}

/** Somebody in the room, on that server. */
async function join(server: RunningServer, identity: string) {
  const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
  const token = server.issueToken({ identity });
  const { result: session } = await socket.call('connect', 'session.connect', { token });
  const { result, error } = await socket.call('join', 'room.join', { room });
  expect(error).toBeUndefined();
  const snapshot = result as unknown as Joined;
  const told = (event: string) => (socket.received as Told[]).filter(({ method }) => method === event);
  const peersOf = (event: string) => told(event).flatMap(({ params }) => params?.peers ?? []);
  return { socket, session, snapshot, told, peersOf };
}

const identitiesOf = (peers: readonly { readonly identity: string }[]) => peers.map(({ identity }) => identity).sort();

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('people on two servers with one Redis', () => {
  const cluster = { leaseMs: 3_000, beatMs: 200 };

  test('are in one room: they see each other come, leave, and go away with a server that stops', async () => {
    await using redis = await startRedis();
    const start = (name: string) => startServer({ redis: { url: redis.url }, node: { name }, cluster });
    await using one = await start('one');
    await using two = await start('two');
    const ada = await join(one, 'ada');
    const bo = await join(two, 'bo');
    const cy = await join(two, 'cy');
    expect(identitiesOf(bo.snapshot.peers)).toEqual(['ada']);
    expect(cy.snapshot.peerCount).toBe(3);
    await eventually(() => ada.peersOf('peersJoined').length === 2, 'ada is told of both');
    expect(identitiesOf(ada.peersOf('peersJoined'))).toEqual(['bo', 'cy']);

    await cy.socket.call('leave', 'room.leave', { room });
    await eventually(() => ada.peersOf('peersLeft').length === 1, 'ada is told that one left');
    expect(ada.peersOf('peersLeft')).toMatchObject([{ peerId: cy.snapshot.peerId, reason: 'left' }]);

    await two.close();
    await eventually(() => ada.peersOf('peersLeft').length === 2, 'ada is told that the server closed');
    expect(ada.peersOf('peersLeft')[1]).toMatchObject({ peerId: bo.snapshot.peerId, reason: 'closed' });
    const dee = await join(one, 'dee');
    expect(identitiesOf(dee.snapshot.peers)).toEqual(['ada']);
  });
});
