import type { types } from 'mediasoup';
import { expect, test } from 'vitest';
import { createPeerId } from '../../core/ids.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { callsOf, startMedia } from '../../test/support/start-media.ts';
import { createWrtcPeer, type WrtcPeer } from '../../test/support/wrtc-peer.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import type { CreatePolicy } from '../room-policy.ts';
import { loadMediasoup } from './load-mediasoup.ts';
import { findWorkerBin } from './worker-bin.ts';

const senders = 6;
/** The least that a transport can be held to; one small picture fits. */
const bitrate = 30_000;

/** Holds every transport that receives to so little, as a narrow path would. */
async function narrow(): Promise<Disposable> {
  const { observer } = await loadMediasoup(findWorkerBin());
  const watch = (worker: types.Worker) =>
    worker.observer.on('newrouter', (router) =>
      router.observer.on('newtransport', (transport) =>
        transport.observer.once('newconsumer', () => void transport.setMaxOutgoingBitrate(bitrate).catch(() => {})),
      ),
    );
  observer.on('newworker', watch);
  return { [Symbol.dispose]: () => observer.off('newworker', watch) };
}

test.skipIf(!requireOrSkip('mediasoup'))(
  'a picture that fits is not left out; of more than fit, some are',
  { timeout: 90_000 },
  async () => {
    using _narrow = await narrow();
    /** Of which something was sent once. */
    const consumers = new Set<RoomConsumer>();
    const collecting: CreatePolicy = () => ({
      consumerChanged: (changed) => {
        if (changed.layersNow.spatialLayer >= 0) consumers.add(changed);
      },
      close: () => {},
    });
    await using running = await startMedia({ initialOutgoingBitrate: bitrate }, { policies: [collecting] });
    const room = running.media.openRoom('standup');
    const peers: WrtcPeer[] = [];
    const join = async () => {
      const peer = await createWrtcPeer(callsOf(running.media, room, createPeerId()));
      peers.push(peer);
      return peer;
    };
    const countLeftOut = async () =>
      (await Promise.all([...consumers].map(({ engine }) => engine.isLeftOut()))).filter(Boolean).length;
    try {
      const ben = await join();
      for (let count = 0; count < senders; count += 1) {
        const { producerId } = await (await join()).send('camera', { layers: 2 });
        await ben.receive(producerId);
        await expect.poll(() => consumers.size, { timeout: 20_000 }).toBeGreaterThan(0);
        if (count === 0) expect(await countLeftOut()).toBe(0);
      }
      await expect.poll(countLeftOut, { timeout: 40_000 }).toBeGreaterThan(0);
    } finally {
      for (const peer of peers) peer[Symbol.dispose]();
    }
  },
);
