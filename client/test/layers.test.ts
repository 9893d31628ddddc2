import { describe, expect, it } from 'vitest';
import { requireOrSkip } from '../../test/support/require.ts';
import type { RemoteTrack } from '../src/index.ts';
import { remoteTrack, startRealRoom } from './real-room.ts';
import { createPictureTrack } from './tracks.ts';

const small = { width: 320, height: 180 };
const large = { width: 1280, height: 720 };
const hidden = { width: 0, height: 0, hidden: true };
/** libwebrtc shares two cores with whatever else runs here. */
const patience = { timeout: 30_000, interval: 200 };

async function received(track: RemoteTrack) {
  let picture = { width: 0, frames: 0 };
  (await track.getStats()).forEach((entry: { type: string; frameWidth?: number; framesDecoded?: number }) => {
    if (entry.type !== 'inbound-rtp') return;
    picture = { width: entry.frameWidth ?? 0, frames: entry.framesDecoded ?? 0 };
  });
  return picture;
}

const getsWidth = (track: RemoteTrack, width: number) =>
  expect.poll(async () => (await received(track)).width, patience).toBe(width);

/** Waits until no frame comes from one look to the next; answers how many came before. */
async function stands(track: RemoteTrack): Promise<number> {
  let before = -1;
  const look = async () => {
    const { frames } = await received(track);
    const isSame = frames === before;
    before = frames;
    return isSame;
  };
  await expect.poll(look, { ...patience, interval: 700 }).toBe(true);
  return before;
}

// That a sender turns its layers off is tested in a browser: this platform's library cannot (it refuses every change of its
// encodings), and goes on sending all.
describe.skipIf(!requireOrSkip('mediasoup'))('a camera in three layers', () => {
  it('is received as large as it is shown, by each who shows it', { timeout: 120_000 }, async () => {
    await using real = await startRealRoom();
    const ada = await real.join({ identity: 'ada' });
    const ben = await real.join({ identity: 'ben' });
    const cleo = await real.join({ identity: 'cleo' });
    using picture = createPictureTrack({ width: 1280, height: 720, framesPerSecond: 10 });
    await ada.room.publish(picture.track, { source: 'camera' });
    const bens = await remoteTrack(ben.room, 'camera');
    const cleos = await remoteTrack(cleo.room, 'camera');
    bens.setView(small);
    cleos.setView(large);
    await getsWidth(bens, 320);
    await getsWidth(cleos, 1280);

    bens.setView(large);
    await getsWidth(bens, 1280);
    bens.setView(hidden);
    const frames = await stands(bens);
    // The other goes on seeing it.
    const others = await received(cleos);
    await expect.poll(async () => (await received(cleos)).frames, patience).toBeGreaterThan(others.frames);
    bens.setView(small);
    await expect.poll(async () => (await received(bens)).frames, patience).toBeGreaterThan(frames);
    await getsWidth(bens, 320);
  });
});
