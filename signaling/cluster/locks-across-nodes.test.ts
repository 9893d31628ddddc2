import { describe, expect, test } from 'vitest';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestClient, type TestSignaling } from '../testing/start-signaling.ts';

const moderator = [...memberGrants, 'moderate'] as const;

async function speak(client: TestClient, source: 'microphone' | 'camera' = 'microphone') {
  const { transportId } = await client.call('media.createTransport', { room, direction: 'send' });
  const isSound = source === 'microphone';
  const rtpParameters = { codecs: [{ mimeType: isSound ? 'audio/opus' : 'video/VP8' }], encodings: [] };
  const kind = isSound ? 'audio' : 'video';
  return await client.call('media.produce', { room, transportId, kind, source, rtpParameters });
}

/** A moderator on `a`, which owns the room; ada speaks on `b`, and will on `c`. */
async function start() {
  const started = await startNodes(['a', 'b', 'c']);
  const [a, b, c] = started.nodes as [TestSignaling, TestSignaling, TestSignaling];
  const mod = await a.join({ identity: 'mod', can: moderator });
  const ada = await b.join({ identity: 'ada' });
  const cy = await c.join({ identity: 'cy', can: moderator });
  const { producerId } = await speak(ada);
  await started.settle();
  const set = (by: TestClient, how: object) =>
    by.call('moderation.muteProducer', { room, producerId, muted: true, lock: true, ...how });
  return { ...started, a, b, c, mod, ada, cy, producerId, set };
}

describe('a lock of a moderator', () => {
  test('holds for what its owner sends at every node, and for that alone', async () => {
    const { c, mod, set, settle } = await start();
    await set(mod, {});
    await settle();
    const again = await c.join({ identity: 'ada' });
    expect(await speak(again)).toMatchObject({ muted: true, locked: true });
    expect(await speak(again, 'camera')).toMatchObject({ muted: false, locked: false });
    expect(await speak(await c.join({ identity: 'dee' }))).toMatchObject({ locked: false });
  });

  test('holds for what is sent there already', async () => {
    const { c, mod, set, settle } = await start();
    const again = await c.join({ identity: 'ada' });
    const { producerId } = await speak(again);
    await set(mod, {});
    await settle();
    expect(again.link.of('producerChanged')).toContainEqual({
      room,
      peerId: expect.anything(),
      producer: expect.objectContaining({ producerId, locked: true }),
    });
    expect((await again.refusal('media.resumeProducer', { room, producerId })).reason).toBe('PRODUCER_LOCKED');
  });

  test('holds at a node that comes into the room later', async () => {
    const { nodes, settle } = await startNodes(['a', 'b', 'c']);
    const [a, b, c] = nodes as [TestSignaling, TestSignaling, TestSignaling];
    const mod = await a.join({ identity: 'mod', can: moderator });
    const { producerId } = await speak(await b.join({ identity: 'ada' }));
    await settle();
    await mod.call('moderation.muteProducer', { room, producerId, muted: true, lock: true });
    await settle();
    expect(await speak(await c.join({ identity: 'ada' }))).toMatchObject({ locked: true });
  });

  test('is lifted on all nodes by a moderator on any of them', async () => {
    const { c, mod, cy, set, settle } = await start();
    await set(mod, {});
    await settle();
    await set(cy, { muted: false });
    await settle();
    expect(await speak(await c.join({ identity: 'ada' }))).toMatchObject({ muted: false, locked: false });
  });

  test('survives the death of the owner, and of the node that it was set on', async () => {
    const { cluster, c, mod, cy, set, settle, advance } = await start();
    await set(mod, {});
    await settle();
    for (const name of ['a', 'b']) cluster.kill(name);
    await advance(cluster.leaseMs + 2 * cluster.beatMs);
    expect(c.signaling.stats().cluster?.owned).toBe(1);
    const again = await c.join({ identity: 'ada' });
    // Tracks of each node are numbered anew here: this is not what ada sends on the other one.
    await speak(again, 'camera');
    const track = await speak(again);
    expect(track).toMatchObject({ locked: true });
    await cy.call('moderation.muteProducer', { room, producerId: track.producerId, muted: false });
    expect(again.link.of('producerChanged').at(-1)).toMatchObject({ producer: { locked: false } });
  });

  test('is kept again when what the nodes share was lost', async () => {
    const { cluster, mod, set, settle, advance } = await start();
    await set(mod, {});
    await settle();
    cluster.empty();
    await advance(cluster.beatMs * 2);
    expect(cluster.owners.get(room)?.control).toContain('"ada"');
  });

  test('is heard of by a node that was cut off meanwhile', async () => {
    const { cluster, c, mod, set, settle } = await start();
    cluster.cut('c');
    await set(mod, {});
    await settle();
    cluster.mend('c');
    await settle();
    expect(await speak(await c.join({ identity: 'ada' }))).toMatchObject({ locked: true });
  });

  test('is refused when the owner cannot keep it, though the track is mute, and can be set again', async () => {
    const { cluster, c, ada, mod, set, settle, producerId } = await start();
    cluster.cut('a');
    const refusal = await mod.refusal('moderation.muteProducer', { room, producerId, muted: true, lock: true });
    expect(refusal.reason).toBe('STORE_UNAVAILABLE');
    expect(ada.link.of('producerChanged').at(-1)).toMatchObject({ producer: { producerId, locked: true } });
    cluster.mend('a');
    await set(mod, {});
    await settle();
    expect(await speak(await c.join({ identity: 'ada' }))).toMatchObject({ locked: true });
  });
});
