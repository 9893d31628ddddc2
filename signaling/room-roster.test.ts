import { describe, expect, test } from 'vitest';
import type { RoomSnapshot } from '../proto/gen/types.ts';
import { maxCollectedChanges } from './roster-news.ts';
import { startSignaling, type TestClient } from './testing/start-signaling.ts';

const room = 'standup';
const join = async (client: TestClient) => (await client.endpoint.call('room.join', { room })) as RoomSnapshot;

describe('roster events', () => {
  test('of one turn are one event for everyone who was there', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    ada.link.take();
    const newcomers = [await t.connect({ identity: 'bob' }), await t.connect({ identity: 'cy' })];
    for (const client of newcomers) await join(client);
    expect(ada.link.take()).toEqual([]);
    await t.turns.end();
    expect(ada.link.take()).toMatchObject([
      { name: 'peersJoined', payload: { room, peers: [{ identity: 'bob' }, { identity: 'cy' }], peerCount: 3 } },
    ]);
  });

  test('tell newcomers of one turn who came after them, and not who was in their snapshot', async () => {
    const t = startSignaling();
    const [bob, cy] = [await t.connect({ identity: 'bob' }), await t.connect({ identity: 'cy' })];
    const identities = (snapshot: RoomSnapshot) => snapshot.peers.map((peer) => peer.identity);
    expect(identities(await join(bob))).toEqual([]);
    expect(identities(await join(cy))).toEqual(['bob']);
    await t.turns.end();
    expect(bob.link.of('peersJoined')).toMatchObject([{ peers: [{ identity: 'cy' }] }]);
    expect(cy.link.take()).toEqual([]);
  });

  test('leave out who joined and left within the turn, except for who saw it in a snapshot', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const [brief, cy] = [await t.connect({ identity: 'brief' }), await t.connect({ identity: 'cy' })];
    ada.link.take();
    await join(brief);
    await join(cy);
    await brief.call('room.leave', { room });
    await t.turns.end();
    expect(ada.link.take()).toMatchObject([{ name: 'peersJoined', payload: { peers: [{ identity: 'cy' }] } }]);
    expect(cy.link.take()).toMatchObject([{ name: 'peersLeft', payload: { peers: [{ name: 'brief' }] } }]);
    expect(brief.link.take()).toEqual([]);
  });

  test('come before any other event of the room', async () => {
    const t = startSignaling();
    const [ada, bob] = [await t.join({ identity: 'ada' }), await t.connect({ identity: 'bob' })];
    ada.link.take();
    await join(bob);
    await bob.say('hi', { room });
    expect(ada.link.names()).toEqual(['peersJoined', 'logRecords']);
    expect(bob.link.names()).toEqual(['logRecords']);
    await t.turns.end();
    expect(ada.link.names()).toEqual(['peersJoined', 'logRecords']);
  });

  test(`name ${maxCollectedChanges} peers at most`, async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const crowd: TestClient[] = [];
    for (let index = 0; index < 250; index++) crowd.push(await t.connect({ identity: `peer-${index}` }));
    for (const client of crowd) await join(client);
    await t.turns.end();
    const sizes = ada.link.of('peersJoined').map(({ peers }) => peers.length);
    expect(sizes).toEqual([100, 100, 50]);
  });
});
