import { expect, test } from 'vitest';
import { SessionPeers } from './session-peers.ts';

const inRoom = (name: string) => ({ room: { name } });
type InRoom = ReturnType<typeof inRoom>;

function fill(...peers: InRoom[]): SessionPeers<InRoom> {
  const all = new SessionPeers<InRoom>();
  for (const peer of peers) all.add(peer);
  return all;
}

const [one, two, three] = [inRoom('one'), inRoom('two'), inRoom('three')];

test('each peer is found by its room, and all are in the order of joining', () => {
  const peers = fill(one, two, three);
  expect([peers.get('one'), peers.get('two'), peers.get('three')]).toEqual([one, two, three]);
  expect([peers.has('two'), peers.has('four'), peers.get('four'), peers.size]).toEqual([true, false, undefined, 3]);
  expect([...peers]).toEqual([one, two, three]);
});

test('who leaves the first room and joins it again comes last', () => {
  const peers = fill(one, two);
  peers.delete(one);
  expect([peers.get('one'), peers.size, [...peers]]).toEqual([undefined, 1, [two]]);
  peers.add(one);
  expect([peers.get('one'), peers.size, [...peers]]).toEqual([one, 2, [two, one]]);
});

test('nothing is left when all are deleted, and what is not there is not deleted', () => {
  const peers = fill(one, two);
  peers.delete(three);
  expect(peers.size).toBe(2);
  for (const peer of [two, one]) peers.delete(peer);
  expect([peers.size, [...peers]]).toEqual([0, []]);
});

test('peers may be deleted while they are gone through', () => {
  const peers = fill(one, two, three);
  const seen: InRoom[] = [];
  for (const peer of peers) {
    seen.push(peer);
    for (const other of [one, two, three]) peers.delete(other);
  }
  expect(seen).toEqual([one, two, three]);
});
