import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalLine } from './journal.ts';
import { toPackets, vp8Payloads } from './testing/packetize.ts';
import { TrackFile } from './track-file.ts';
import { TrackRecorder } from './track-recorder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-track-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const facts = { trackId: '001-camera-x', peerId: 'p_ada', identity: 'ada', name: 'Ada', source: 'camera' } as const;
const plan = {
  ...facts,
  kind: 'video',
  codec: 'vp8',
  clockRate: 90_000,
  channels: 1,
  tapPort: 1,
  ssrc: 1,
  payloadType: 96,
} as const;

/** A key frame of VP8 (RFC 6386 section 9.1) that says to be so large. */
function keyFrame(width: number, height: number, timestamp: number) {
  const data = Buffer.alloc(200, 7);
  data.set([0x10, 0, 0, 0x9d, 0x01, 0x2a]);
  data.writeUInt16LE(width, 6);
  data.writeUInt16LE(height, 8);
  return { key: true, timestamp, data, payloads: vp8Payloads(data, { size: 1_000, extended: false }) };
}

test('a picture that says to have no size is written, and ends no recording', async () => {
  const lines: JournalLine[] = [];
  const failures: Error[] = [];
  const recorder = new TrackRecorder({
    plan,
    folder,
    startedMs: performance.now(),
    note: (line) => lines.push(line),
    askForKeyFrame: () => {},
    onFailed: (error) => failures.push(error),
  });
  const packets = toPackets([keyFrame(0, 0, 3_000), keyFrame(640, 480, 6_000)]);
  for (const packet of packets) recorder.push({ ...packet, payloadType: 96 }, performance.now());
  await recorder.close('closed', performance.now());
  expect(failures).toEqual([]);
  expect(lines.filter(({ type }) => type === 'skipped')).toEqual([]);
  expect(await readdir(folder)).toEqual(['001-camera-x.webm']);
});

test.each([
  ['none', undefined],
  ['less than none', { width: -260, height: 1_896 }],
])('a picture whose size is %s is written all the same', async (_what, size) => {
  const broken: Error[] = [];
  const file = new TrackFile({
    path: join(folder, 'picture.mkv'),
    codec: 'h264',
    channels: 1,
    onFailed: (error) => broken.push(error),
    onBroken: (error) => broken.push(error),
  });
  file.add({ data: new Uint8Array(20), key: true, timestamp: 0, size }, 0);
  await file.close();
  expect(broken).toEqual([]);
});

test('a frame that the format cannot have ends its file alone, and is told once', async () => {
  const [failures, broken]: [Error[], Error[]] = [[], []];
  const file = new TrackFile({
    path: join(folder, 'sound.webm'),
    codec: 'opus',
    channels: 0,
    onFailed: (error) => failures.push(error),
    onBroken: (error) => broken.push(error),
  });
  const frame = { data: new Uint8Array(20), key: true, timestamp: 0, durationMs: 20 };
  for (let index = 0; index < 3; index++) file.add(frame, index * 20);
  await file.close();
  expect(failures).toEqual([]);
  expect(broken).toHaveLength(1);
});
