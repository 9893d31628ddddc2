import { expect, test } from 'vitest';
import type { RoomSnapshot } from '../proto/gen/types.ts';
import { startSignaling, type TestClient } from './testing/start-signaling.ts';

const room = 'standup';

/** In the middle of a turn, where others do things too. */
async function join({ endpoint }: TestClient): Promise<RoomSnapshot> {
  return (await endpoint.call('room.join', { room })) as RoomSnapshot;
}

function leave({ endpoint }: TestClient): void {
  void endpoint.call('room.leave', { room });
}

/** Is away before the turn in which it came has ended: whoever is there is told of both. */
async function comeAndBeLost(ada: TestClient): Promise<void> {
  await join(ada);
  ada.link.lose();
}

test('who leaves and joins again in one turn is told nothing of the first time behind the second snapshot', async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  const bob = await t.connect({ identity: 'bob' });
  await join(bob);
  await comeAndBeLost(ada);
  leave(bob);
  const { peers } = await join(bob);
  expect(peers.map(({ identity, away }) => [identity, away])).toEqual([['ada', true]]);
  await t.turns.end();
  expect(bob.link.names()).toEqual([]);
});

test('who joins and leaves in one turn is told nothing of the room afterwards', async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  const bob = await t.connect({ identity: 'bob' });
  await join(bob);
  await comeAndBeLost(ada);
  leave(bob);
  await t.turns.end();
  expect(bob.link.names()).toEqual([]);
});

test('who comes back, leaves and joins again in one turn is told nothing of what is in the second snapshot', async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  const bob = await t.join({ identity: 'bob' });
  bob.link.lose();
  const again = t.open();
  await again.connect(t.verifier.issue({ identity: 'bob' }), bob);
  await comeAndBeLost(ada);
  leave(again);
  const { peers } = await join(again);
  expect(peers.map(({ identity }) => identity)).toEqual(['ada']);
  await t.turns.end();
  expect(again.link.names()).toEqual([]);
});

test('who joins while events wait for the answer of a resume is told them in order', async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  const bob = await t.connect({ identity: 'bob' });
  bob.link.lose();
  const again = t.open();
  await again.connect(t.verifier.issue({ identity: 'bob' }), bob);
  await join(again);
  await comeAndBeLost(ada);
  await t.turns.end();
  expect(again.link.names()).toEqual(['peersJoined', 'peerChanged']);
});

test('who joins and loses the right to be there in one turn is told that it is out', async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  const bob = await t.connect({ identity: 'bob' });
  await join(bob);
  await comeAndBeLost(ada);
  await bob.call('session.refresh', { token: t.verifier.issue({ identity: 'bob', can: [] }) });
  await t.turns.end();
  expect(bob.link.names()).toEqual(['roomLeft']);
});
