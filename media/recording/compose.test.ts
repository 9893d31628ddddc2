// What ffmpeg makes of the arguments, looked at: who is where, and when.

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../test/support/require.ts';
import { composeArgs } from './compose-args.ts';
import type { Manifest, ManifestTrack } from './manifest.ts';

const run = promisify(execFile);
const colours = {
  red: [255, 0, 0],
  lime: [0, 255, 0],
  blue: [0, 0, 255],
  yellow: [255, 255, 0],
  magenta: [255, 0, 255],
  cyan: [0, 255, 255],
  white: [255, 255, 255],
  gray: [128, 128, 128],
  orange: [255, 165, 0],
  black: [0, 0, 0],
} as const;
type Colour = keyof typeof colours;
const cameras = ['red', 'lime', 'blue', 'yellow', 'magenta', 'cyan', 'white', 'gray', 'orange'] as const;

describe.skipIf(!requireOrSkip('ffmpeg'))('the file of all', () => {
  let folder = '';
  /** A second of each, in the shape of the place that most have. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-compose-'));
    for (const colour of cameras) {
      const source = ['-f', 'lavfi', '-i', `color=${colour}:s=320x180:r=10`, '-t', '2'];
      await run('ffmpeg', ['-v', 'error', ...source, '-c:v', 'libvpx', '-b:v', '500k', join(folder, `${colour}.webm`)]);
    }
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const trackOf = (colour: Colour, changes: Partial<ManifestTrack> = {}): ManifestTrack => ({
    ...{ trackId: colour, peerId: colour, identity: colour, name: colour, source: 'camera', kind: 'video' },
    ...{ codec: 'vp8', file: `${colour}.webm`, bytes: 1, sha256: '', offsetMs: 0, durationMs: 2_000, gaps: [] },
    ...{ lostPackets: 0, ended: 'stopped' },
    ...changes,
  });

  async function compose(tracks: readonly ManifestTrack[], layout: 'grid' | 'speaker' = 'grid') {
    const out = join(folder, 'out.webm');
    const manifest = { tracks } as unknown as Manifest;
    await run('ffmpeg', composeArgs({ manifest, folder, out, layout }));
    const shown = [
      '-v',
      'error',
      '-of',
      'json',
      '-show_entries',
      'stream=codec_name,width,height:format=duration',
      out,
    ];
    const { streams, format } = JSON.parse((await run('ffprobe', shown)).stdout) as {
      streams: { codec_name: string; width: number; height: number }[];
      format: { duration: string };
    };
    expect(streams).toEqual([{ codec_name: 'vp8', width: 1280, height: 720 }]);
    return { out, seconds: Number(format.duration) };
  }

  /** What is seen at these places, as near as one of the colours. */
  async function seen(
    out: string,
    atSeconds: number,
    places: readonly (readonly [number, number])[],
  ): Promise<Colour[]> {
    const frame = ['-ss', String(atSeconds), '-i', out, '-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    const { stdout } = await run('ffmpeg', ['-v', 'error', ...frame], {
      encoding: 'buffer',
      maxBuffer: 8 * 1024 * 1024,
    });
    expect(stdout.length).toBe(1280 * 720 * 3);
    return places.map(([x, y]) => {
      const at = (y * 1280 + x) * 3;
      const apart = (colour: Colour) => {
        const values: readonly number[] = colours[colour];
        return values.reduce((sum, value, index) => sum + Math.abs(value - (stdout[at + index] ?? 0)), 0);
      };
      const names = Object.keys(colours) as Colour[];
      return names.sort((one, other) => apart(one) - apart(other))[0] ?? 'black';
    });
  }

  test.each([
    { count: 1, places: [[640, 360]] },
    {
      count: 2,
      places: [
        [320, 360],
        [960, 360],
      ],
    },
    {
      count: 3,
      places: [
        [320, 180],
        [960, 180],
        [320, 540],
      ],
    },
    {
      count: 4,
      places: [
        [320, 180],
        [960, 180],
        [320, 540],
        [960, 540],
      ],
    },
    { count: 9, places: [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => [213 + column * 426, 120 + row * 240])) },
  ] as { count: number; places: [number, number][] }[])(
    'shows $count side by side, each in a place of its own',
    { timeout: 60_000 },
    async ({ count, places }) => {
      const { out, seconds } = await compose(cameras.slice(0, count).map((colour) => trackOf(colour)));
      expect(await seen(out, 1, places)).toEqual(cameras.slice(0, count));
      expect(seconds).toBeGreaterThan(1.8);
      expect(seconds).toBeLessThan(2.2);
    },
  );

  test('leaves the place of who comes late or goes early black until then', { timeout: 60_000 }, async () => {
    // Who was there longest comes first.
    const early = trackOf('red', { durationMs: 1_000 });
    const late = trackOf('lime', { offsetMs: 2_000, durationMs: 1_500 });
    const { out, seconds } = await compose([early, late]);
    const both: [number, number][] = [
      [320, 360],
      [960, 360],
    ];
    expect(await seen(out, 0.5, both)).toEqual(['black', 'red']);
    expect(await seen(out, 1.5, both)).toEqual(['black', 'black']);
    expect(await seen(out, 2.8, both)).toEqual(['lime', 'black']);
    expect(seconds).toBeGreaterThan(3.3);
    expect(seconds).toBeLessThan(3.7);
  });

  test('has a shared screen in the first place, and large with the layout speaker', { timeout: 60_000 }, async () => {
    const screen = trackOf('blue', { source: 'screen', offsetMs: 500, durationMs: 1_000 });
    const tracks = [trackOf('red'), trackOf('lime'), screen];
    const grid = await compose(tracks);
    const places: [number, number][] = [
      [320, 180],
      [960, 180],
      [320, 540],
      [960, 540],
    ];
    expect(await seen(grid.out, 1, places)).toEqual(['blue', 'red', 'lime', 'black']);
    expect((await seen(grid.out, 1.8, places))[0]).toBe('black');
    const speaker = await compose(tracks, 'speaker');
    expect(
      await seen(speaker.out, 1, [
        [640, 288],
        [320, 648],
        [960, 648],
      ]),
    ).toEqual(['blue', 'red', 'lime']);
  });

  test('takes pictures of other shapes into their places whole', { timeout: 60_000 }, async () => {
    const source = ['-f', 'lavfi', '-i', 'color=red:s=180x320:r=10', '-t', '2', '-c:v', 'libvpx'];
    await run('ffmpeg', ['-v', 'error', ...source, '-b:v', '500k', join(folder, 'upright.webm')]);
    const { out } = await compose([trackOf('red', { file: 'upright.webm' })]);
    expect(
      await seen(out, 1, [
        [640, 10],
        [640, 710],
        [300, 360],
        [980, 360],
      ]),
    ).toEqual(['red', 'red', 'black', 'black']);
  });
});
