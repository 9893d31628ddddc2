import { describe, expect, test } from 'vitest';
import type { PeerInfo } from '../proto/gen/types.ts';
import { defaultRosterPeers, maxRosterBytes, RosterBudget, rosterBytesOf } from './roster-budget.ts';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

/** The longest text that a token may carry, and of the characters that JSON writes longest. */
const metadata = '\u0001'.repeat(4096);
/** What is in an answer or event besides its roster. */
const restBytes = 16 * 1024;
const jsonBytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

async function fill(t: TestSignaling, room: string, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await t.join({ identity: `${room}-${index}`, metadata }, room);
}

/** Everybody who is on the pages behind a token, and the largest page. */
async function readPages(client: TestClient, room: string, firstToken: string, pageSize = 0) {
  const peers: PeerInfo[] = [];
  let largestBytes = 0;
  for (let pageToken = firstToken; pageToken !== ''; ) {
    const page = await client.call('room.listPeers', { room, pageToken, pageSize });
    expect(page.peers).not.toEqual([]);
    largestBytes = Math.max(largestBytes, jsonBytes(page));
    peers.push(...page.peers);
    pageToken = page.nextPageToken;
  }
  return { peers, largestBytes };
}

test('rosterBytesOf() is not less than a peer with all that it may have', () => {
  const name = '"'.repeat(128);
  const producers = (['microphone', 'camera', 'screen', 'screen-audio'] as const).map((source) => ({
    producerId: crypto.randomUUID(),
    kind: 'audio' as const,
    source,
    paused: false,
    muted: false,
    locked: false,
  }));
  const about = { peerId: 'p_012345678901', kind: 'client' as const, joinedAtMs: Date.now(), away: false, producers };
  const texts = { identity: name, name, metadata };
  expect(rosterBytesOf(texts)).toBeGreaterThan(jsonBytes({ ...about, ...texts }));
});

test('a fresh budget has room for the largest peer', () => {
  const largest = '\u0001'.repeat(128);
  expect(new RosterBudget().take(rosterBytesOf({ identity: largest, name: largest, metadata }))).toBe(true);
});

describe('of peers with much metadata', () => {
  test('the snapshot of room.join and pages of any size stay within the bound, and name everybody once', async () => {
    const t = startSignaling();
    await fill(t, 'standup', 40);
    const ada = await t.connect({ identity: 'ada' });
    const snapshot = await ada.call('room.join', { room: 'standup' });
    expect(jsonBytes(snapshot)).toBeLessThan(maxRosterBytes + restBytes);
    const { peers, largestBytes } = await readPages(ada, 'standup', snapshot.nextPageToken, 500);
    expect(largestBytes).toBeLessThan(maxRosterBytes + restBytes);
    const everybody = [...snapshot.peers, ...peers].map(({ identity }) => identity);
    expect(everybody).toEqual(Array.from({ length: 40 }, (_, index) => `standup-${index}`));
  });

  test('the answer of a resume with many rooms stays within one bound, and pages lead to the rest of each', async () => {
    const t = startSignaling();
    const rooms = ['a', 'b', 'c', 'd', 'e'];
    const ada = await t.connect({ identity: 'ada' });
    for (const room of rooms) {
      await fill(t, room, 12);
      await ada.call('room.join', { room });
    }
    ada.link.lose();
    const again = t.open();
    const answer = await again.connect(t.verifier.issue({ identity: 'ada' }), ada);
    expect(jsonBytes(answer)).toBeLessThan(maxRosterBytes + restBytes);
    expect(answer.rooms.map(({ room, peerCount }) => [room, peerCount])).toEqual(rooms.map((room) => [room, 13]));
    expect(answer.rooms.at(-1)).toMatchObject({ peers: [], nextPageToken: '0' });
    for (const { room, peers, nextPageToken } of answer.rooms) {
      const { peers: others } = await readPages(again, room, nextPageToken);
      const everybody = [...peers, ...others].map(({ identity }) => identity);
      expect(everybody).toEqual(Array.from({ length: 12 }, (_, index) => `${room}-${index}`));
    }
  });

  test('who joins in one turn is told of in events that stay within the bound', async () => {
    const t = startSignaling();
    const ada = await t.join({ identity: 'ada' });
    const crowd: TestClient[] = [];
    for (let index = 0; index < 30; index++) crowd.push(await t.connect({ identity: `peer-${index}`, metadata }));
    for (const client of crowd) void client.endpoint.call('room.join', { room: 'standup' });
    await t.turns.end();
    const events = ada.link.of('peersJoined');
    expect(Math.max(...events.map(jsonBytes))).toBeLessThan(maxRosterBytes + restBytes);
    expect(events.flatMap(({ peers }) => peers)).toHaveLength(30);
    // Whom a newcomer saw in its snapshot it is not told of again.
    expect(crowd.at(-1)?.link.of('peersJoined')).toEqual([]);
  });
});

test(`a resume names ${defaultRosterPeers} peers at most, however many rooms they are in`, async () => {
  const t = startSignaling();
  const ada = await t.connect({ identity: 'ada' });
  for (const room of ['a', 'b', 'c']) {
    for (let index = 0; index < 60; index++) await t.join({ identity: `${room}-${index}` }, room);
    await ada.call('room.join', { room });
  }
  ada.link.lose();
  const { rooms } = await t.open().connect(t.verifier.issue({ identity: 'ada' }), ada);
  expect(rooms.map(({ peers }) => peers.length)).toEqual([60, 40, 0]);
});
