import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../test/support/require.ts';
import { createDepacketizer } from './depacketize/create-depacketizer.ts';
import { Reorder } from './reorder.ts';
import { encodeAv1, probe } from './testing/ffmpeg.ts';
import { av1Payloads, toPackets } from './testing/packetize.ts';
import { TrackFile } from './track-file.ts';

describe.skipIf(!requireOrSkip('ffmpeg'))('AV1', () => {
  test.each([
    { size: 1_200, counted: true },
    { size: 300, counted: false },
  ])('of another encoder, in packets of $size, becomes a file that another decoder plays', async (cut) => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-av1-'));
    try {
      const sent = (await encodeAv1()).map((units, index) => {
        const key = units.some((unit) => unit.readUInt8(0) >> 3 === 1);
        return { key, timestamp: index * 6_000, payloads: av1Payloads(units, { ...cut, key }), data: Buffer.alloc(0) };
      });
      expect(sent.length).toBe(15);
      const reorder = new Reorder();
      const depacketize = createDepacketizer('av1');
      const packets = [...toPackets(sent).flatMap((packet) => reorder.push(packet, 0)), ...reorder.flush()];
      const frames = packets.flatMap((packet) => depacketize(packet) ?? []);
      expect(frames.map(({ key }) => key)).toEqual(sent.map(({ key }) => key));
      expect(frames[0]?.config?.codec).toMatch(/^av01\.0\.0\dM\.08$/);

      const path = join(folder, 'picture.webm');
      const failures: Error[] = [];
      const file = new TrackFile({
        path,
        codec: 'av1',
        channels: 1,
        onFailed: (error) => failures.push(error),
        onBroken: (error) => failures.push(error),
      });
      for (const frame of frames) file.add(frame, frame.timestamp / 90);
      await file.close();
      expect(failures).toEqual([]);
      expect(await probe(path)).toMatchObject({ codec: 'av1', width: 320, height: 240, packets: 15, complaints: '' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
