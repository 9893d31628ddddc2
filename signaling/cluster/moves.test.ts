import { describe, expect, test } from 'vitest';
import type { RoomSnapshot } from '../../proto/gen/types.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';
import type { Moves } from './moves.ts';

const minuteMs = 60_000;

/** Three people on node a, and bo, who watches from node b. */
async function start() {
  const started = await startNodes(['a', 'b']);
  const [a, b] = started.nodes as [TestSignaling, TestSignaling];
  const bo = await b.join({ identity: 'bo' });
  const people: TestClient[] = [];
  for (const identity of ['ada', 'cy', 'dee']) people.push(await joinWithRooms(a, identity));
  await started.settle();
  const moves = a.signaling.moves as Moves;
  const asked = () => people.flatMap(({ link }) => link.of('moveRequested'));
  return { ...started, a, b, bo, people, moves, asked };
}

/** As the SDK does: it knows which rooms it is in. */
async function joinWithRooms(node: TestSignaling, identity: string): Promise<TestClient> {
  const client = await node.connect({ identity });
  const snapshot: RoomSnapshot = await client.call('room.join', { room });
  if (client.session) client.session = { ...client.session, rooms: [snapshot] };
  return client;
}

async function resumeAt(node: TestSignaling, client: TestClient): Promise<TestClient> {
  const again = node.open();
  await again.connect(node.verifier.issue({ identity: client.session?.identity ?? '' }), client);
  return again;
}

describe('a node whose clients are to go to another', () => {
  test('asks one after the other, each once', async () => {
    const { moves, asked, clock, people, advance } = await start();
    void moves.start(minuteMs);
    expect(asked()).toHaveLength(0);
    clock.advance(1);
    expect(asked()).toHaveLength(1);
    // The wait between two is 50 ms, give or take half of it.
    clock.advance(75);
    expect(asked().length).toBeGreaterThanOrEqual(2);
    await advance(5_000);
    expect(people.map(({ link }) => link.of('moveRequested').length)).toEqual([1, 1, 1]);
    for (const { url, retryAfterMs, deadlineMs } of asked()) {
      expect([url, deadlineMs]).toEqual(['', 10_000]);
      expect(retryAfterMs).toBeLessThanOrEqual(50);
    }
    moves.stop();
  });

  test('has nobody left once all have gone, and nobody saw them leave', async () => {
    const { moves, people, advance, settle, b, bo } = await start();
    let isOver = false;
    void moves.start(minuteMs).then(() => {
      isOver = true;
    });
    await advance(1_000);
    expect([isOver, moves.isDone]).toEqual([false, false]);
    for (const client of people) await resumeAt(b, client);
    await settle();
    expect(people.map(({ link }) => link.closedWith)).toEqual(Array(3).fill('SESSION_TAKEN_OVER'));
    await advance(2_000);
    expect([isOver, moves.isDone, moves.stats()]).toEqual([true, true, { isMoving: true, asked: 3, sentAway: 0 }]);
    await advance(minuteMs);
    expect(bo.link.of('peersLeft')).toEqual([]);
    moves.stop();
  });

  test('sends away who knows nothing of moves, and the others see them away until they are somewhere', async () => {
    const { moves, people, advance, settle, b, bo, clock } = await start();
    void moves.start(minuteMs);
    await advance(9_000);
    expect(people.flatMap(({ link }) => link.of('sessionClosing'))).toEqual([]);
    await advance(2_000);
    for (const { link } of people) {
      expect(link.of('sessionClosing')).toMatchObject([{ reason: 'SERVER_DRAINING' }]);
      expect(link.closedWith).toBe('SERVER_DRAINING');
    }
    await advance(1_000);
    expect(moves.stats().sentAway).toBe(3);
    expect(bo.link.of('peerChanged').map(({ peer }) => [peer.identity, peer.away])).toEqual([
      ['ada', true],
      ['cy', true],
      ['dee', true],
    ]);
    const [ada] = people;
    if (ada) await resumeAt(b, ada);
    await settle();
    expect(bo.link.of('peerChanged').at(-1)?.peer).toMatchObject({ identity: 'ada', away: false });
    expect(bo.link.of('peersLeft')).toEqual([]);
    // Only those who come nowhere have left, once their grace is over.
    for (let grace = 0; grace < 31; grace++) await advance(1_000);
    expect(bo.link.of('peersLeft').flatMap(({ peers }) => peers)).toHaveLength(2);
    expect(clock.pendingTimers).toBeGreaterThan(0);
    moves.stop();
  });

  test('has them away for those who are still on it, too, and takes one back that finds no other', async () => {
    const { moves, people, advance, a, settle } = await start();
    const gone = people.slice(0, 2);
    const [ada, cy, dee] = people as [TestClient, TestClient, TestClient];
    void moves.start(minuteMs);
    await advance(9_000);
    dee.link.lose();
    const watching = await resumeAt(a, dee);
    watching.link.take();
    await advance(2_000);
    expect(gone.map(({ link }) => link.closedWith)).toEqual(['SERVER_DRAINING', 'SERVER_DRAINING']);
    expect(watching.link.closedWith).toBeUndefined();
    const seen = () => watching.link.of('peerChanged').map(({ peer }) => [peer.identity, peer.away]);
    expect(seen()).toEqual([
      ['ada', true],
      ['cy', true],
    ]);
    moves.undo();
    expect((await resumeAt(a, cy)).session?.resumed).toBe(true);
    await settle();
    expect(seen().at(-1)).toEqual(['cy', false]);
    expect(watching.link.of('peersLeft')).toEqual([]);
    await advance(31_000);
    expect(watching.link.of('peersLeft').flatMap(({ peers }) => peers)).toMatchObject([{ reason: 'lost' }]);
    expect(ada.link.closedWith).toBe('SERVER_DRAINING');
  });

  test('has sent everybody away when the time is over', async () => {
    const { moves, people, advance } = await start();
    void moves.start(2_000);
    await advance(3_000);
    expect(people.map(({ link }) => link.of('moveRequested')[0]?.deadlineMs ?? 0)).toEqual(
      people.map(() => expect.toSatisfy((ms: number) => ms > 0 && ms <= 2_000)),
    );
    expect(people.map(({ link }) => link.closedWith)).toEqual(Array(3).fill('SERVER_DRAINING'));
    moves.stop();
  });

  test('keeps everybody while no other takes clients, for as long as there is time', async () => {
    const { moves, people, advance, asked, cluster } = await start();
    cluster.kill('b');
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    void moves.start(minuteMs);
    await advance(40_000);
    expect([asked(), moves.isMoving]).toEqual([[], true]);
    expect(people.map(({ link }) => link.closedWith)).toEqual([undefined, undefined, undefined]);
    await advance(21_000);
    expect(people.map(({ link }) => link.closedWith)).toEqual(Array(3).fill('SERVER_DRAINING'));
    moves.stop();
  });

  test('has nobody left some time after its end, whoever knocks in vain', async () => {
    const { moves, advance, a } = await start();
    void moves.start(2_000);
    const knock = async () => {
      a.open();
      await advance(500);
    };
    for (let knocks = 0; knocks < 10; knocks++) await knock();
    a.open();
    expect(moves.isDone).toBe(false);
    for (let knocks = 0; knocks < 16; knocks++) await knock();
    a.open();
    expect(moves.isDone).toBe(true);
    moves.stop();
  });

  test('takes no new sessions, opens no rooms, and lets its own come back to be asked again', async () => {
    const { moves, people, advance, a } = await start();
    void moves.start(minuteMs);
    await advance(1_000);
    const token = a.verifier.issue({ identity: 'new' });
    expect((await a.open().refusal('session.connect', { token })).reason).toBe('SERVER_DRAINING');
    const [ada] = people as [TestClient];
    expect((await ada.refusal('room.join', { room: 'another' })).reason).toBe('SERVER_DRAINING');
    ada.link.lose();
    const back = await resumeAt(a, ada);
    expect(back.session?.resumed).toBe(true);
    await advance(2_000);
    expect(back.link.of('moveRequested')).toHaveLength(1);
    moves.stop();
  });

  test('keeps whoever was not asked yet, and takes others again, when it is undone', async () => {
    const { moves, people, advance, clock, asked, a, bo } = await start();
    const over = moves.start(minuteMs);
    clock.advance(1);
    moves.undo();
    await over;
    await advance(20_000);
    expect([asked().length, moves.isMoving]).toEqual([1, false]);
    expect(people.map(({ link }) => link.closedWith)).toEqual([undefined, undefined, undefined]);
    const eve = await a.join({ identity: 'eve' }, 'another');
    await eve.call('room.join', { room });
    await advance(1_000);
    await eve.call('room.leave', { room });
    await advance(1_000);
    expect(bo.link.of('peersLeft').flatMap(({ peers }) => peers.map(({ reason }) => reason))).toEqual(['left']);
  });

  test('ends with whoever is on it, of whom nobody is told that they left', async () => {
    const { a, b, people, advance, settle, bo, cluster } = await start();
    const [ada, cy, dee] = people as [TestClient, TestClient, TestClient];
    cy.link.lose();
    await settle();
    dee.link.take();
    const drained = a.signaling.drain(5_000);
    await settle();
    await drained;
    a.signaling.close();
    await settle();
    cluster.kill('a');
    expect(ada.link.closedWith).toBe('SERVER_DRAINING');
    expect(dee.link.of('peersLeft')).toEqual([]);
    const isAway = new Map(bo.link.of('peerChanged').map(({ peer }) => [peer.identity, peer.away]));
    expect([...isAway].sort()).toEqual([
      ['ada', true],
      ['cy', true],
      ['dee', true],
    ]);
    for (const client of people) expect((await resumeAt(b, client)).session?.rooms).toHaveLength(1);
    await advance(60_000);
    expect(bo.link.of('peersLeft')).toEqual([]);
  });

  test('has plain chat come back elsewhere, as somebody who left', async () => {
    const { moves, a, advance, bo } = await start();
    const guest = await a.openPlainChat({ user: 'Gus' });
    void moves.start(minuteMs);
    await advance(2_000);
    expect(guest.link.of('sessionClosing')).toHaveLength(1);
    expect(bo.link.of('peersLeft').flatMap(({ peers }) => peers)).toMatchObject([{ name: 'Gus', reason: 'closed' }]);
    moves.stop();
  });
});
