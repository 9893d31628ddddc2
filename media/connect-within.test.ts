import { expect, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import type { PeerId } from '../core/ids.ts';
import { silentLogger } from '../core/log.ts';
import { createMemoryMediaEngine } from '../test/support/memory-media-engine.ts';
import { mediaDefaults } from '../test/support/start-media.ts';
import { createMedia } from './create-media.ts';

const ada = 'p_ada' as PeerId;

function openRoom() {
  const clock = new FakeClock();
  const engine = createMemoryMediaEngine();
  const media = createMedia({ engine, options: mediaDefaults, clock, log: silentLogger, policies: [] });
  const room = media.openRoom('standup');
  const died: string[] = [];
  room.events.on('transportClosed', ({ transportId }) => died.push(transportId));
  const open = async (connectWithinMs?: number) => {
    const request = { direction: 'send', rtpCapabilities: undefined, connectWithinMs } as const;
    return (await room.createTransport(ada, request)).transportId;
  };
  return { clock, engine, open, died };
}

test('a transport that its client does not connect in time dies; one without a time waits', async () => {
  const { clock, open, died } = openRoom();
  const [hurried] = [await open(30_000), await open()];
  clock.advance(29_999);
  expect(died).toEqual([]);
  clock.advance(1);
  expect(died).toEqual([hurried]);
  clock.advance(3_600_000);
  expect(died).toHaveLength(1);
});

test('a transport that was connected in time lives, however long', async () => {
  const { clock, engine, open, died } = openRoom();
  const transportId = await open(30_000);
  clock.advance(20_000);
  engine.setConnectivity(transportId, 'up');
  clock.advance(3_600_000);
  expect(died).toEqual([]);
});
