import { describe, expect, test } from 'vitest';
import type { NodeInfo, NodeLeases } from '../../cluster/directory.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { Placement, PlacementPolicy } from './placement.ts';

const moderator = [...memberGrants, 'moderate'] as const;
const urlOf = (name: string) => `https://${name}.example.org`;

/** The simplest one: pinned rooms at their owner, regional ones at the first node of the region. */
const placementBy =
  (policy: PlacementPolicy, draining: ReadonlySet<string>) =>
  (own: () => NodeInfo, nodes: NodeLeases): Placement => {
    const urlOfLife = (life: string) => {
      const info = nodes.others.get(life);
      return info && !draining.has(info.name) ? info.publicUrl : undefined;
    };
    return {
      policyOf: () => ({ placement: policy, region: own().region }),
      elsewhere({ placement, region, owner }) {
        if (placement === 'pinned' && owner !== undefined) return urlOfLife(owner);
        if (placement !== 'regional' || region === own().region) return undefined;
        return [...nodes.others.values()].find((one) => one.region === region)?.publicUrl;
      },
      urlOf: urlOfLife,
      canLeave: true,
      leave: () => '',
    };
  };

/** Three nodes; the last one is in another region. */
async function startPlaced(policy: PlacementPolicy) {
  const draining = new Set<string>();
  const infoOf = (name: string) => ({ publicUrl: urlOf(name), region: name === 'c' ? 'south' : 'north' });
  const started = await startNodes(['a', 'b', 'c'], {}, { infoOf, placementOf: placementBy(policy, draining) });
  const [a, b, c] = started.nodes as [TestSignaling, TestSignaling, TestSignaling];
  return { ...started, a, b, c, draining };
}

const refusalOf = (client: TestClient, hops = 0, name = room) => client.refusal('room.join', { room: name, hops });
const elsewhere = (name: string) => ({ reason: 'ROOM_ELSEWHERE', details: { room, url: urlOf(name) } });

describe('a pinned room', () => {
  test('is joined at its owner: at other nodes newcomers are told where that is', async () => {
    const { a, b, c, settle } = await startPlaced('pinned');
    await (await a.connect({ identity: 'ada' })).call('room.join', { room, hops: 0 });
    for (const node of [b, c]) {
      const bo = await node.connect({ identity: 'bo' });
      expect(await refusalOf(bo)).toMatchObject(elsewhere('a'));
    }
    await (await a.connect({ identity: 'cy' })).call('room.join', { room, hops: 1 });
    await settle();
    expect([a, b, c].map(({ signaling }) => signaling.stats().rooms)).toEqual([1, 0, 0]);
  });

  test('has one owner, though two come in at two nodes at once', async () => {
    const { a, b } = await startPlaced('pinned');
    const [ada, bo] = [await a.connect({ identity: 'ada' }), await b.connect({ identity: 'bo' })];
    const outcomes = await Promise.allSettled([ada, bo].map((one) => one.call('room.join', { room, hops: 0 })));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const loser = outcomes[0]?.status === 'rejected' ? ada : bo;
    expect(await refusalOf(loser)).toMatchObject(elsewhere(loser === ada ? 'b' : 'a'));
  });

  test('is served here for clients that do not follow, were sent on twice, or are in another room here', async () => {
    const { a, b } = await startPlaced('pinned');
    await a.join({ identity: 'ada' });
    const old = await b.connect({ identity: 'old' });
    await old.call('room.join', { room });
    const sent = await b.connect({ identity: 'sent' });
    expect(await refusalOf(sent, 1)).toMatchObject(elsewhere('a'));
    await sent.call('room.join', { room, hops: 2 });
    const busy = await b.connect({ identity: 'busy' });
    await busy.call('room.join', { room: 'other', hops: 0 });
    expect(await busy.call('room.join', { room, hops: 0 })).toMatchObject({ peerCount: 4 });
  });

  test('is joined with the session that its client had, which may come back to where it began', async () => {
    const { a, b, settle } = await startPlaced('pinned');
    await a.join({ identity: 'ada' });
    const bo = await b.connect({ identity: 'bo' });
    expect(await refusalOf(bo)).toMatchObject(elsewhere('a'));
    bo.link.lose();
    const there = a.open();
    await there.connect(a.verifier.issue({ identity: 'bo' }), bo);
    const snapshot = await there.call('room.join', { room, hops: 1 });
    await settle();
    if (there.session) there.session = { ...there.session, rooms: [snapshot] };
    const back = b.open();
    await back.connect(b.verifier.issue({ identity: 'bo' }), there);
    expect(back.session).toMatchObject({ sessionId: bo.session?.sessionId, resumed: true });
    expect(back.session?.rooms).toMatchObject([{ peerId: snapshot.peerId }]);
    await settle();
    expect([a, b].map(({ signaling }) => signaling.stats().peers.client)).toEqual([1, 1]);
    // Whoever has the secret of neither node has nothing.
    back.link.lose();
    const eve = b.open();
    const forged = { ...back.session, resumeSecret: 'x.y' } as NonNullable<typeof back.session>;
    await expect(
      eve.connect(b.verifier.issue({ identity: 'bo' }), { session: forged } as typeof back),
    ).rejects.toMatchObject({ reason: 'RESUME_REFUSED' });
  });

  test('gathers where its next owner is, once the first has died', async () => {
    const { cluster, a, b, c, advance } = await startPlaced('pinned');
    await a.join({ identity: 'ada' });
    const [bo, cy] = [await b.connect({ identity: 'bo' }), await c.connect({ identity: 'cy' })];
    // As those who come back while nobody knows yet.
    for (const one of [bo, cy]) await one.call('room.join', { room });
    const busy = await c.connect({ identity: 'busy' });
    for (const name of ['other', room]) await busy.call('room.join', { room: name });
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    const asked = [bo, cy, busy].map(({ link }) => link.of('moveRequested').map(({ url }) => url));
    const isAtB = b.signaling.stats().cluster?.owned === 1;
    expect(asked).toEqual(isAtB ? [[], [urlOf('b')], []] : [[urlOf('c')], [], []]);
  });

  test('asks nobody to go to an owner that takes nobody', async () => {
    const { cluster, a, b, c, advance, draining } = await startPlaced('pinned');
    await a.join({ identity: 'ada' });
    const clients = [await b.connect({ identity: 'bo' }), await c.connect({ identity: 'cy' })];
    for (const one of clients) await one.call('room.join', { room });
    draining.add('b').add('c');
    cluster.kill('a');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    expect(clients.flatMap(({ link }) => link.of('moveRequested'))).toEqual([]);
  });
});

describe('a regional room', () => {
  test('is joined in the region of who opened it', async () => {
    const { a, b, c } = await startPlaced('regional');
    await (await a.connect({ identity: 'ada' })).call('room.join', { room, hops: 0 });
    await (await b.connect({ identity: 'bo' })).call('room.join', { room, hops: 0 });
    const cy = await c.connect({ identity: 'cy' });
    expect(await refusalOf(cy)).toMatchObject({ reason: 'ROOM_ELSEWHERE' });
    const snapshot = await cy.call('room.join', { room: 'southern', hops: 0 });
    expect(snapshot.peerCount).toBe(1);
  });
});

describe('a join that is sent elsewhere', () => {
  test('is refused for what is wrong with it before', async () => {
    const { a, b } = await startPlaced('pinned');
    await a.join({ identity: 'ada', can: moderator });
    const [eve, bo] = [await b.connect({ identity: 'eve', can: ['chat'] }), await b.connect({ identity: 'bo' })];
    expect(await refusalOf(eve)).toMatchObject({ reason: 'GRANT_MISSING' });
    expect(await bo.refusal('room.join', { room, hops: 0, options: { maxPeers: 3 } })).toMatchObject({
      reason: 'GRANT_MISSING',
    });
  });
});
