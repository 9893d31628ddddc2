import { describe, expect, test } from 'vitest';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestSignaling } from '../testing/start-signaling.ts';

const moderator = [...memberGrants, 'moderate'] as const;

describe('a moderator on one node, and a voice on another', () => {
  async function start() {
    const started = await startNodes(['a', 'b']);
    const [a, b] = started.nodes as [TestSignaling, TestSignaling];
    const [mod, ada] = [await a.join({ identity: 'mod', can: moderator }), await b.join({ identity: 'ada' })];
    const { transportId } = await ada.call('media.createTransport', { room, direction: 'send' });
    const rtpParameters = { codecs: [{ mimeType: 'audio/opus' }], encodings: [] };
    const track = { kind: 'audio', source: 'microphone', rtpParameters } as const;
    const { producerId } = await ada.call('media.produce', { room, transportId, ...track });
    await started.settle();
    const mute = (how: object) => ({ room, producerId, muted: true, ...how });
    return { ...started, a, b, mod, ada, producerId, mute };
  }

  test('mutes it, and locks it, until it is lifted', async () => {
    const { mod, ada, producerId, mute } = await start();
    await mod.call('moderation.muteProducer', mute({ lock: true }));
    expect(ada.link.of('producerChanged')).toMatchObject([{ producer: { producerId, muted: true, locked: true } }]);
    expect((await ada.refusal('media.resumeProducer', { room, producerId })).reason).toBe('PRODUCER_LOCKED');
    await mod.call('moderation.muteProducer', mute({ muted: false }));
    await ada.call('media.resumeProducer', { room, producerId });
  });

  test('needs the grant for it, as on one node', async () => {
    const { a, ada, mute } = await start();
    const eve = await a.join({ identity: 'eve' });
    expect((await eve.refusal('moderation.muteProducer', mute({}))).reason).toBe('GRANT_MISSING');
    expect(ada.link.of('producerChanged')).toEqual([]);
  });

  test('is told when that node does not answer, and can do it again', async () => {
    const { cluster, mod, mute } = await start();
    cluster.kill('b');
    const refusal = await mod.refusal('moderation.muteProducer', mute({}));
    expect([refusal.reason, refusal.code]).toEqual(['NODE_UNREACHABLE', 'UNAVAILABLE']);
  });

  test('is told when the voice is gone', async () => {
    const { mod, mute, settle, b, producerId } = await start();
    // Gone there, and not heard of here yet.
    const [peer] = b.media.room(room).allProducers();
    b.media.room(room).closeProducer(peer!.peerId, producerId);
    expect((await mod.refusal('moderation.muteProducer', mute({}))).reason).toBe('PRODUCER_NOT_FOUND');
    await settle();
    expect((await mod.refusal('moderation.muteProducer', mute({}))).reason).toBe('PRODUCER_NOT_FOUND');
  });
});

describe('where people are', () => {
  test('is known to all nodes, from the first session of somebody there to the last', async () => {
    const { cluster, nodes, settle } = await startNodes(['a', 'b']);
    const [a, b] = nodes as [TestSignaling, TestSignaling];
    const nodesOf = (identity: string) => {
      const lives = [...(cluster.users.get(identity)?.keys() ?? [])];
      return lives.map((life) => life.slice(0, life.indexOf('~'))).sort();
    };
    const [first, second] = [await a.connect({ identity: 'ada' }), await a.connect({ identity: 'ada' })];
    const elsewhere = await b.connect({ identity: 'ada' });
    await settle();
    expect([nodesOf('ada'), nodesOf('bo')]).toEqual([['a', 'b'], []]);
    expect([...(cluster.users.get('ada')?.values() ?? [])]).toEqual([1, 1]);
    first.link.lose();
    elsewhere.link.lose();
    // Who is away may come back to where it was.
    expect(nodesOf('ada')).toEqual(['a', 'b']);
    b.clock.advance(30_000);
    expect(nodesOf('ada')).toEqual(['a']);
    second.link.lose();
    b.clock.advance(30_000);
    expect(nodesOf('ada')).toEqual([]);
  });
});
