import { describe, expect, test } from 'vitest';
import { pushWithinMs } from '../log/timeline.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const moderator = [...memberGrants, 'moderate'] as const;
const seqs = (client: TestClient) => client.link.messages().map(({ seq }) => seq);
const texts = (client: TestClient) => client.link.messages().map(({ message }) => message?.text);

/** Ada and Bo, each on a node of their own. */
async function startTwo(wished: Parameters<typeof startNodes>[1] = {}) {
  const started = await startNodes(['a', 'b'], wished);
  const [a, b] = started.nodes as [TestSignaling, TestSignaling];
  const ada = await a.join({ identity: 'ada', can: moderator });
  const bo = await b.join({ identity: 'bo' });
  await started.settle();
  return { ...started, a, b, ada, bo };
}

describe('what is said on several nodes', () => {
  test('reaches everybody in the room in one order, each message once', async () => {
    const { ada, bo, settle } = await startTwo();
    const receipts = await Promise.all([
      ada.say('one'),
      bo.say('two'),
      ada.say('three'),
      ada.say('four'),
      bo.say('five'),
    ]);
    await settle();
    const told = seqs(ada);
    expect(told).toEqual([1, 2, 3, 4, 5]);
    expect(seqs(bo)).toEqual(told);
    expect(texts(bo)).toEqual(texts(ada));
    expect(receipts.map(({ seq }) => seq).sort()).toEqual(told);
    expect(bo.link.messages()).toEqual(ada.link.messages());
  });

  test('is there for who comes later to another node, and for who asks for it there', async () => {
    const { b, ada } = await startTwo();
    await ada.say('one');
    const cy = await b.join({ identity: 'cy' });
    const { records } = await cy.call('log.read', { room });
    expect(records.map(({ message }) => message?.text)).toEqual(['one']);
  });

  test('is edited, deleted and reacted to from any node', async () => {
    const { ada, bo, settle } = await startTwo();
    const { messageId } = await ada.say('hlelo');
    await settle();
    await bo.call('chat.react', { room, clientId: 'r1', messageId, emoji: '👍', on: true });
    await ada.call('chat.edit', { room, clientId: 'e1', messageId, text: 'hello' });
    await settle();
    const [page, other] = [await bo.call('log.read', { room }), await ada.call('log.read', { room })];
    expect(page.records[0]?.message).toMatchObject({ text: 'hello', reactions: [{ emoji: '👍', identities: ['bo'] }] });
    expect(other.records).toEqual(page.records);
  });

  test('is read from the store when its push was lost', async () => {
    const { cluster, ada, bo, settle, advance } = await startTwo();
    cluster.lose('b', 1);
    await ada.say('one');
    await settle();
    expect(seqs(bo)).toEqual([]);
    await ada.say('two');
    await advance(1_000);
    expect(seqs(bo)).toEqual([1, 2]);
  });

  test('is waited for once more by a process that had no time to read it, and then read from the store', async () => {
    const { cluster, clock, ada, bo, settle, advance } = await startTwo();
    let lateMs = 0;
    clock.monotonicMs = () => clock.nowMs() + lateMs;
    cluster.lose('b', 1);
    await ada.say('one');
    await ada.say('two');
    await settle();
    lateMs = 1_000;
    await advance(pushWithinMs);
    expect(seqs(bo)).toEqual([]);
    await advance(pushWithinMs);
    expect(seqs(bo)).toEqual([1, 2]);
  });

  test('is found by the audit when the last push was lost', async () => {
    const { cluster, ada, bo, settle, advance } = await startTwo();
    cluster.lose('b', 1);
    await ada.say('one');
    await settle();
    await advance(62_000);
    expect(seqs(bo)).toEqual([1]);
  });

  test('is read by a node that was cut off, once it is back', async () => {
    const { cluster, ada, bo, settle, advance } = await startTwo();
    cluster.cut('b');
    await ada.say('one');
    await ada.say('two');
    const refused = await bo.refusal('chat.send', { room, clientId: 'x', text: 'alone' });
    expect([refused.reason, typeof refused.retryAfterMs]).toEqual(['STORE_UNAVAILABLE', 'number']);
    expect(seqs(bo)).toEqual([]);
    cluster.mend('b');
    await settle();
    await advance(2_000);
    expect(seqs(bo)).toEqual([1, 2]);
    await bo.say('back');
    await settle();
    expect(seqs(ada)).toEqual([1, 2, 3]);
  });

  test('cannot be kept while the store is away: clients are told so, and when it is back', async () => {
    const { cluster, b, bo, ada, advance } = await startTwo();
    cluster.cut('b');
    await advance(1_000);
    expect(bo.link.of('storeChanged')).toEqual([]);
    await advance(20_000);
    expect(bo.link.of('storeChanged')).toMatchObject([{ state: 'down' }]);
    const cy = await b.connect({ identity: 'cy' });
    expect([ada.session?.store, cy.session?.store]).toEqual(['up', 'down']);
    cluster.mend('b');
    await advance(2_000);
    expect(bo.link.of('storeChanged')).toMatchObject([{ state: 'down' }, { state: 'up' }]);
    expect(ada.link.of('storeChanged')).toEqual([]);
  });

  test('has a gap for everybody when the store was emptied, and numbers that were told are not told again', async () => {
    const { cluster, ada, bo, settle, advance } = await startTwo();
    await ada.say('one');
    await settle();
    cluster.empty();
    await bo.say('anew').catch(() => {});
    await settle();
    await advance(62_000);
    for (const client of [ada, bo]) expect(client.link.of('logGap')).toMatchObject([{ reason: 'epoch' }]);
    await ada.say('after');
    await settle();
    expect(texts(ada).at(-1)).toBe('after');
    expect(texts(bo).at(-1)).toBe('after');
  });

  test('is refused by all nodes to who is muted on one, and who is banned is taken out of all', async () => {
    const { ada, bo, cluster, settle, advance } = await startTwo();
    await ada.call('moderation.muteIdentity', { room, identity: 'bo', durationMs: 60_000 });
    await settle();
    expect((await bo.refusal('chat.send', { room, clientId: 'x', text: 'hi' })).reason).toBe('MUTED');
    const banning = ada.call('moderation.banIdentity', { room, identity: 'bo', explanation: 'enough' });
    await banning;
    await settle();
    expect(bo.link.of('roomLeft')).toMatchObject([{ reason: 'removed', explanation: 'enough' }]);
    expect((await bo.refusal('room.join', { room })).reason).toBe('IDENTITY_REMOVED');
    await advance(2_000);
    expect(bo.link.of('roomLeft')).toHaveLength(1);
    expect(cluster).toBeDefined();
  });

  test('takes the turn of who writes slowly on every node', async () => {
    const { ada, b, bo, a, settle } = await startTwo();
    const settings = { slowModeMs: 30_000, retentionMs: 0, retentionRecords: 0 };
    await ada.call('moderation.configureRoom', { room, settings });
    await settle();
    const again = await a.join({ identity: 'bo' });
    await bo.say('here');
    await settle();
    expect((await again.refusal('chat.send', { room, clientId: 'y', text: 'there' })).reason).toBe('SLOW_MODE');
    expect(b.signaling.stats().messages).toBe(1);
  });
});

describe('what people do on several nodes', () => {
  test('is seen: who types, and how far they have read', async () => {
    const { ada, bo, clock, settle, advance } = await startTwo();
    const { seq } = await ada.say('one');
    await settle();
    await bo.call('chat.setTyping', { room, typing: true });
    clock.advance(100);
    await settle();
    expect(ada.link.of('typingChanged')).toMatchObject([{ identity: 'bo', typing: true }]);
    await bo.say('two');
    clock.advance(100);
    await settle();
    expect(ada.link.of('typingChanged').at(-1)).toMatchObject({ identity: 'bo', typing: false });
    await bo.call('chat.mark', { room, readSeq: seq });
    await ada.call('chat.mark', { room, readSeq: seq + 1 });
    await advance(1_000);
    expect(bo.link.of('markersChanged').flatMap(({ markers }) => markers)).toContainEqual({
      identity: 'ada',
      deliveredSeq: seq + 1,
      readSeq: seq + 1,
    });
  });

  test('is told once to those who are mentioned, wherever they are', async () => {
    const { a, b, ada, settle } = await startTwo();
    const here = await a.connect({ identity: 'cy' });
    const there = await b.connect({ identity: 'cy' });
    await settle();
    await ada.say('hi cy', { mentions: ['cy'] });
    await settle();
    for (const client of [here, there]) {
      expect(client.link.of('mentioned')).toMatchObject([{ record: { message: { text: 'hi cy' } } }]);
    }
  });

  test('opens conversations that the other one hears of on another node', async () => {
    const { ada, bo, settle } = await startTwo();
    const { room: direct } = await ada.call('chat.openDirect', { identity: 'bo' });
    await settle();
    expect(bo.link.of('directOpened')).toMatchObject([{ room: direct, identity: 'ada' }]);
  });
});

describe('old records', () => {
  test('are forgotten by the owner of a room alone, and the others hear of it', async () => {
    const { ada, bo, a, b, settle, advance } = await startTwo({ chat: { retentionRecords: 1 } });
    const trims: string[] = [];
    for (const [name, { roomLog }] of [['a', a] as const, ['b', b] as const]) {
      const { trim } = roomLog;
      roomLog.trim = (...wanted) => {
        trims.push(name);
        return trim(...wanted);
      };
    }
    await ada.say('one');
    await bo.say('two');
    await settle();
    await advance(61_000);
    expect([...new Set(trims)]).toEqual(['a']);
    const { head } = await bo.call('log.read', { room });
    expect(head).toMatchObject({ seq: 2, firstSeq: 2 });
  });
});
