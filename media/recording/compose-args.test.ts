import { expect, test } from 'vitest';
import { composeArgs, maxPictures } from './compose-args.ts';
import type { Manifest, ManifestTrack } from './manifest.ts';

function trackOf(trackId: string, changes: Partial<ManifestTrack>): ManifestTrack {
  return {
    ...{ trackId, peerId: 'p', identity: 'ada', name: 'Ada', source: 'microphone', kind: 'audio', codec: 'opus' },
    ...{ file: `${trackId}.webm`, bytes: 1, sha256: '', offsetMs: 0, durationMs: 10_000 },
    ...{ gaps: [], lostPackets: 0, ended: 'stopped' },
    ...changes,
  } as ManifestTrack;
}

const manifestOf = (tracks: readonly ManifestTrack[]) => ({ tracks }) as Manifest;
const request = { folder: '/recordings/x', out: 'x.webm', layout: 'grid' as const };

test('each sound begins where it began, and all are heard together', () => {
  const tracks = [trackOf('a', {}), trackOf('b', { offsetMs: 2_500 })];
  const args = composeArgs({ ...request, manifest: manifestOf(tracks) });
  const filter = args[args.indexOf('-filter_complex') + 1];
  expect(filter).toContain(
    '[1:a]aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo,adelay=2500:all=1[s1]',
  );
  expect(filter).toContain('amix=inputs=2:normalize=0');
  expect(args).not.toContain('[picture]');
  expect(args.slice(args.indexOf('-t'))).toEqual(['-t', '12.500', 'x.webm']);
});

test('no more pictures are laid than there is place for, and what is shared is among them', () => {
  const cameras = Array.from({ length: 12 }, (_, index) =>
    trackOf(`c${index}`, { kind: 'video', source: 'camera', codec: 'vp8', durationMs: 20_000 }),
  );
  const screen = trackOf('screen', { kind: 'video', source: 'screen', codec: 'vp9', durationMs: 100 });
  const args = composeArgs({ ...request, manifest: manifestOf([...cameras, screen]) });
  const inputs = args.filter((_, index) => args[index - 1] === '-i');
  expect(inputs).toHaveLength(maxPictures);
  expect(inputs[0]).toBe('/recordings/x/screen.webm');
});

test('with neither sound nor picture nothing is made', () => {
  const empty = trackOf('a', { file: undefined });
  expect(() => composeArgs({ ...request, manifest: manifestOf([empty]) })).toThrow('neither a sound nor a picture');
});
