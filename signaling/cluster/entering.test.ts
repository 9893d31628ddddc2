import { expect, test } from 'vitest';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { defaultRoom as room, type TestSignaling } from '../testing/start-signaling.ts';

/** So many steps of what a join does; it takes fewer. */
const steps = 40;

test('a room is as its first one wished, whenever on the way in everything shared is lost', async () => {
  for (let step = 0; step < steps; step++) {
    const { cluster, nodes, clock, settle, advance } = await startNodes(['a', 'b']);
    const [a, b] = nodes as [TestSignaling, TestSignaling];
    const ada = await a.connect({ identity: 'ada', can: [...memberGrants, 'moderate'] });
    const bo = await b.connect({ identity: 'bo' });
    const joining = ada.call('room.join', { room, options: { maxPeers: 7 } });
    for (let left = step; left > 0; left--) await Promise.resolve();
    cluster.empty();
    clock.advance(cluster.beatMs);
    await settle();
    expect((await joining).options.maxPeers, `step ${step}`).toBe(7);
    await advance(3_000);
    expect(cluster.owners.get(room)?.options, `step ${step}`).toContain('"maxPeers":7');
    expect((await bo.call('room.join', { room })).options.maxPeers).toBe(7);
  }
});
