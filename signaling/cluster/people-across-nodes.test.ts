import { describe, expect, test } from 'vitest';
import type { RoomSnapshot } from '../../proto/gen/types.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const moderator = [...memberGrants, 'moderate'] as const;
const joined = (client: TestClient): Promise<RoomSnapshot> => client.call('room.join', { room });
const identities = ({ peers }: Pick<RoomSnapshot, 'peers'>) => peers.map(({ identity }) => identity);

/** Three nodes, with somebody on each: the snapshots are those of their joins. */
async function startCall() {
  const started = await startNodes(['a', 'b', 'c']);
  const [a, b, c] = started.nodes as [TestSignaling, TestSignaling, TestSignaling];
  const [ada, bo, cy] = [
    await a.connect({ identity: 'ada' }),
    await b.connect({ identity: 'bo' }),
    await c.connect({ identity: 'cy' }),
  ];
  const snapshots = [await joined(ada), await joined(bo), await joined(cy)] as const;
  await started.settle();
  return { ...started, a, b, c, ada, bo, cy, snapshots };
}

/** As a client does whose connection is gone: on another node, with what it was told last. */
async function resumeAt(node: TestSignaling, client: TestClient, identity: string): Promise<TestClient> {
  const again = node.open();
  await again.connect(node.verifier.issue({ identity }), client);
  return again;
}

/** What a client knows of itself, as the SDK keeps it: rooms that it joined since it connected. */
function remember(client: TestClient, ...rooms: RoomSnapshot[]): void {
  if (client.session) client.session = { ...client.session, rooms };
}

describe('people on several nodes', () => {
  test('are in one roster: each is told of the others, in snapshots and events', async () => {
    const { ada, bo, cy, snapshots, settle } = await startCall();
    expect(snapshots.map(identities)).toEqual([[], ['ada'], ['ada', 'bo']]);
    expect(snapshots.map(({ peerCount }) => peerCount)).toEqual([1, 2, 3]);
    const told = (client: TestClient) =>
      client.link.of('peersJoined').flatMap(({ peers }) => peers.map((one) => one.identity));
    expect([told(ada), told(bo), told(cy)]).toEqual([['bo', 'cy'], ['cy'], []]);
    await bo.call('room.leave', { room });
    await settle();
    for (const client of [ada, cy]) {
      expect(client.link.of('peersLeft')).toMatchObject([
        { peerCount: 2, peers: [{ peerId: snapshots[1].peerId, reason: 'left' }] },
      ]);
    }
  });

  test('are away when their connection is lost, and leave after their grace, wherever the others are', async () => {
    const { bo, ada, snapshots, settle, advance } = await startCall();
    ada.link.take();
    bo.link.lose();
    await settle();
    expect(ada.link.of('peerChanged')).toMatchObject([{ peer: { peerId: snapshots[1].peerId, away: true } }]);
    await advance(30_000);
    expect(ada.link.of('peersLeft')).toMatchObject([{ peers: [{ reason: 'lost' }] }]);
  });

  test('come into a room that is as its first one wished', async () => {
    const { nodes } = await startNodes(['a', 'b']);
    const [a, b] = nodes as [TestSignaling, TestSignaling];
    const [ada, bo] = [await a.connect({ identity: 'ada', can: moderator }), await b.connect({ identity: 'bo' })];
    await ada.call('room.join', { room, options: { maxPeers: 7 } });
    expect((await joined(bo)).options.maxPeers).toBe(7);
    expect((await (await a.connect({ identity: 'cy' })).call('room.join', { room: 'other' })).options.maxPeers).toBe(
      1000,
    );
  });

  test('are taken out by a moderator at another node', async () => {
    const { a, ada, bo, cy, snapshots, settle } = await startCall();
    await ada.call('session.refresh', { token: a.verifier.issue({ identity: 'ada', can: moderator }) });
    await ada.call('moderation.removePeer', { room, peerId: snapshots[1].peerId, explanation: 'enough' });
    await settle();
    expect(bo.link.of('roomLeft')).toMatchObject([{ reason: 'removed', explanation: 'enough' }]);
    expect(cy.link.of('peersLeft')).toMatchObject([{ peers: [{ peerId: snapshots[1].peerId, reason: 'removed' }] }]);
  });

  test('are all there after a node was cut off for a moment, and missed who came and left meanwhile', async () => {
    const { cluster, ada, b, cy, bo, snapshots, settle } = await startCall();
    cluster.cut('c');
    await bo.call('room.leave', { room });
    const dee = await b.connect({ identity: 'dee' });
    await joined(dee);
    await settle();
    cy.link.take();
    cluster.mend('c');
    await settle();
    expect(cy.link.of('peersJoined')).toMatchObject([{ peers: [{ identity: 'dee' }] }]);
    expect(cy.link.of('peerChanged')).toMatchObject([{ peer: { peerId: snapshots[1].peerId, away: true } }]);
    const page = await cy.call('room.listPeers', { room, pageToken: '0' });
    expect(identities(page).sort()).toEqual(['ada', 'bo', 'dee']);
    expect(ada.link.of('peersJoined').at(-1)).toMatchObject({ peers: [{ identity: 'dee' }] });
  });

  test('cannot come in while what the nodes share cannot be reached, and are told to come later', async () => {
    const { cluster, nodes } = await startNodes(['a', 'b']);
    const [a] = nodes as [TestSignaling];
    const ada = await a.connect({ identity: 'ada' });
    cluster.cut('a');
    expect(await ada.refusal('room.join', { room })).toMatchObject({ reason: 'STORE_UNAVAILABLE' });
    cluster.mend('a');
    expect(identities(await joined(ada))).toEqual([]);
  });
});

describe('a node that dies', () => {
  test('its people are away, and leave together when they do not come back', async () => {
    const { cluster, a, ada, cy, advance, settle, snapshots } = await startCall();
    const dee = await a.connect({ identity: 'dee' });
    await joined(dee);
    await settle();
    cy.link.take();
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    expect(cy.link.of('peerChanged').map(({ peer }) => [peer.identity, peer.away])).toEqual([
      ['ada', true],
      ['dee', true],
    ]);
    expect(cy.link.of('peersLeft')).toEqual([]);
    await advance(30_000);
    expect(cy.link.of('peersLeft')).toMatchObject([
      { peerCount: 2, peers: [{ peerId: snapshots[0].peerId, reason: 'lost' }, { reason: 'lost' }] },
    ]);
    expect(ada.link.of('peersLeft')).toEqual([]);
  });

  test('who comes back at another node is the same peer there, and nobody sees it leave', async () => {
    const { cluster, b, ada, bo, cy, advance, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    cluster.kill('a');
    for (const { link } of [bo, cy]) link.take();
    const again = await resumeAt(b, ada, 'ada');
    await settle();
    expect(again.session).toMatchObject({ sessionId: ada.session?.sessionId, resumed: true });
    expect(again.session?.rooms).toMatchObject([{ room, peerId: snapshots[0].peerId, peerCount: 3 }]);
    expect(again.session?.rooms.map(identities)).toEqual([['bo', 'cy']]);
    await advance(2 * cluster.leaseMs + 40_000);
    for (const { link } of [bo, cy]) {
      expect(link.of('mediaReset')).toMatchObject([{ peerIds: [snapshots[0].peerId] }]);
      expect(link.of('peersLeft')).toEqual([]);
      expect(link.of('peersJoined')).toEqual([]);
    }
    await again.say('here I am');
    await settle();
    await again.call('room.leave', { room });
    await settle();
    expect(cy.link.of('peersLeft')).toMatchObject([{ peers: [{ peerId: snapshots[0].peerId, reason: 'left' }] }]);
  });

  test('who comes back after the others know that it died is not away any more', async () => {
    const { cluster, c, ada, bo, advance, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    bo.link.take();
    await resumeAt(c, ada, 'ada');
    await settle();
    expect(bo.link.of('peerChanged')).toMatchObject([{ peer: { peerId: snapshots[0].peerId, away: false } }]);
    await advance(60_000);
    expect(bo.link.of('peersLeft')).toEqual([]);
  });

  test('a room that it alone had open is gone with it: its people join anew', async () => {
    const { cluster, nodes, settle, advance } = await startNodes(['a', 'b']);
    const [a, b] = nodes as [TestSignaling, TestSignaling];
    const ada = await a.connect({ identity: 'ada' });
    remember(ada, await joined(ada));
    cluster.kill('a');
    const resuming = resumeAt(b, ada, 'ada');
    await settle();
    // So long the dead node is asked who was there.
    await advance(1_000);
    const again = await resuming;
    expect(again.session).toMatchObject({ resumed: true, rooms: [] });
    expect(identities(await joined(again))).toEqual([]);
  });
});

describe('a session that goes on at another node', () => {
  test('while its node lives, is let go of there', async () => {
    const { b, a, ada, cy, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    cy.link.take();
    await resumeAt(b, ada, 'ada');
    await settle();
    expect(ada.link.closedWith).toBe('SESSION_TAKEN_OVER');
    expect(a.signaling.stats()).toMatchObject({ sessions: { connected: 0, away: 0 }, peers: { client: 0 } });
    expect(cy.link.of('peersLeft')).toEqual([]);
  });

  test('and goes back again, is the same peer still', async () => {
    const { a, b, ada, cy, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    const there = await resumeAt(b, ada, 'ada');
    await settle();
    const back = await resumeAt(a, there, 'ada');
    await settle();
    expect(back.session?.rooms).toMatchObject([{ peerId: snapshots[0].peerId }]);
    expect(there.link.closedWith).toBe('SESSION_TAKEN_OVER');
    expect(cy.link.of('peersLeft')).toEqual([]);
    expect(cy.link.of('mediaReset')).toHaveLength(2);
  });

  test('needs its ticket and a token of the same person', async () => {
    const { b, ada, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    const { sessionId = '', resumeSecret = '' } = ada.session ?? {};
    const rooms = [{ room, peerId: snapshots[0].peerId }];
    const attempt = async (identity: string, secret: string, id = sessionId) => {
      const token = b.verifier.issue({ identity });
      return (await b.open().refusal('session.connect', { token, resume: { sessionId: id, secret, rooms } })).reason;
    };
    expect(await attempt('mallory', resumeSecret)).toBe('RESUME_REFUSED');
    expect(await attempt('ada', resumeSecret.split('.')[0] ?? '')).toBe('RESUME_REFUSED');
    expect(await attempt('ada', '.')).toBe('RESUME_REFUSED');
    expect(await attempt('ada', resumeSecret, 's_another')).toBe('RESUME_REFUSED');
    await settle();
    expect(ada.link.closedWith).toBeUndefined();
  });

  test('is not brought back as the peer of somebody else', async () => {
    const { b, ada, bo, snapshots, settle } = await startCall();
    remember(ada, snapshots[2]);
    const again = await resumeAt(b, ada, 'ada');
    await settle();
    expect(again.session?.rooms).toEqual([]);
    expect(bo.link.of('mediaReset')).toEqual([]);
  });

  test('two nodes that are asked at once agree on one of them', async () => {
    const { b, c, cluster, bo, cy, ada, snapshots, settle } = await startCall();
    remember(ada, snapshots[0]);
    cluster.kill('a');
    const [one, other] = [b.open(), c.open()];
    const claims = { identity: 'ada' };
    await Promise.all([one.connect(b.verifier.issue(claims), ada), other.connect(c.verifier.issue(claims), ada)]);
    await settle();
    expect([one, other].filter(({ link }) => link.closedWith === 'SESSION_TAKEN_OVER')).toHaveLength(1);
    for (const client of [bo, cy]) {
      expect(identities(await client.call('room.listPeers', { room, pageToken: '0' }))).toContain('ada');
      expect(client.link.of('peersLeft')).toEqual([]);
    }
  });
});

test('a node that was only asleep goes on with its people, and nobody sees them leave', async () => {
  const { cluster, ada, bo, cy, advance, settle, snapshots } = await startCall();
  cluster.cut('a');
  for (const { link } of [ada, bo, cy]) link.take();
  await advance(cluster.leaseMs + 3 * cluster.beatMs);
  expect(bo.link.of('peerChanged')).toMatchObject([{ peer: { peerId: snapshots[0].peerId, away: true } }]);
  cluster.mend('a');
  await settle();
  expect(bo.link.of('peerChanged').at(-1)).toMatchObject({ peer: { peerId: snapshots[0].peerId, away: false } });
  await advance(60_000);
  for (const { link } of [ada, bo, cy]) expect(link.of('peersLeft')).toEqual([]);
  expect(identities(await ada.call('room.listPeers', { room, pageToken: '0' })).sort()).toEqual(['bo', 'cy']);
});

test('what the nodes share is emptied: everybody stays, and rooms are known there again', async () => {
  const { cluster, ada, bo, cy, nodes, advance, b } = await startCall();
  cluster.empty();
  await advance(60_000);
  for (const { link } of [ada, bo, cy]) expect(link.of('peersLeft')).toEqual([]);
  expect(cluster.owners.get(room)?.nodes).toHaveLength(3);
  expect(nodes.map(({ signaling }) => signaling.stats().cluster?.owned)).toContain(1);
  const dee = await b.connect({ identity: 'dee' });
  expect(identities(await joined(dee)).sort()).toEqual(['ada', 'bo', 'cy']);
});

test('a node that stops tells nobody that its people left: they come back at another one', async () => {
  const { a, b, ada, bo, cy, snapshots, advance, settle } = await startCall();
  remember(ada, snapshots[0]);
  const drained = a.signaling.drain(10_000);
  await settle();
  await drained;
  a.signaling.close();
  await settle();
  expect(bo.link.of('peerChanged')).toMatchObject([{ peer: { peerId: snapshots[0].peerId, away: true } }]);
  await resumeAt(b, ada, 'ada');
  await advance(60_000);
  for (const { link } of [bo, cy]) expect(link.of('peersLeft')).toEqual([]);
});

test('an owner that dies is followed by one other node, in the next term', async () => {
  const { cluster, nodes, advance } = await startCall();
  const owned = () => nodes.map(({ signaling }) => signaling.stats().cluster?.owned);
  expect(owned()).toEqual([1, 0, 0]);
  cluster.kill('a');
  await advance(2 * cluster.leaseMs);
  expect(owned().slice(1).sort()).toEqual([0, 1]);
  expect(cluster.owners.get(room)?.term).toBe(2);
});

test('a room that nobody is in any more is left, and can be opened again', async () => {
  const { cluster, ada, bo, cy, a, advance } = await startCall();
  for (const client of [ada, bo, cy]) await client.call('room.leave', { room });
  await advance(61_000);
  expect(cluster.owners.get(room)).toBeUndefined();
  expect(a.signaling.stats().rooms).toBe(0);
  expect(identities(await joined(bo))).toEqual([]);
  expect(identities(await joined(ada))).toEqual(['bo']);
});

describe('who came and went, in the log', () => {
  async function startWritten() {
    const started = await startNodes(['a', 'b'], { chat: { attendance: true } });
    const [a, b] = started.nodes as [TestSignaling, TestSignaling];
    const [ada, bo] = [await a.connect({ identity: 'ada' }), await b.connect({ identity: 'bo' })];
    await joined(ada);
    await joined(bo);
    await started.settle();
    const written = async () => {
      const from = { after: 0 };
      const [page] = await b.roomLog.read([{ room, from, maxRecords: 100, maxBytes: 100_000 }]);
      return page?.records.map(({ kind, payload }) => `${kind} ${JSON.parse(payload).name}`);
    };
    return { ...started, a, b, ada, bo, written };
  }

  test('is written once, by the owner', async () => {
    const { bo, written, settle, advance } = await startWritten();
    expect(await written()).toEqual(['joined ada', 'joined bo']);
    await bo.call('room.leave', { room });
    await settle();
    await advance(5_000);
    expect(await written()).toEqual(['joined ada', 'joined bo', 'left bo']);
  });

  test('is written by the next owner when the one that should have is dead', async () => {
    const { cluster, written, advance } = await startWritten();
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs + 30_000 + 6_000);
    expect(await written()).toEqual(['joined ada', 'joined bo', 'left ada']);
  });

  test('is not written by an owner whose term is over, though it does not know', async () => {
    const { cluster, a, ada, written, advance, settle } = await startWritten();
    const [, next = ''] = cluster.owners.get(room)?.nodes ?? [];
    cluster.owners.claim(room, next, 1);
    await joined(await a.connect({ identity: 'cy' }));
    await settle();
    await advance(2_000);
    expect(await written()).toEqual(['joined ada', 'joined bo']);
    await ada.say('hello');
    expect(await written()).toEqual(['joined ada', 'joined bo', 'message ada']);
  });

  test('is not written of who comes back at another node', async () => {
    const { cluster, b, ada, written, advance, settle } = await startWritten();
    const { peers } = await b.connect({ identity: 'cy' }).then(joined);
    await settle();
    const peerId = peers.find(({ identity }) => identity === 'ada')?.peerId ?? '';
    if (ada.session) ada.session = { ...ada.session, rooms: [{ room, peerId } as RoomSnapshot] };
    cluster.kill('a');
    await resumeAt(b, ada, 'ada');
    await advance(80_000);
    expect(await written()).toEqual(['joined ada', 'joined bo', 'joined cy']);
  });
});
