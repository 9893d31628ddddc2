// From a manifest to the arguments of ffmpeg that make one file of it: the sounds together, the pictures side by side.

import type { Manifest, ManifestTrack } from './manifest.ts';

export type Layout = 'grid' | 'speaker';

export interface ComposeRequest {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly out: string;
  readonly layout: Layout;
}

/** Further pictures are left out, those that are shortest first. */
export const maxPictures = 9;
const width = 1280;
const height = 720;
const framesPerSecond = 30;

interface Cell {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

type FiledTrack = ManifestTrack & { readonly file: string };

/** @throws {Error} when there is neither a sound nor a picture. */
export function composeArgs({ manifest, folder, out, layout }: ComposeRequest): string[] {
  const tracks = manifest.tracks.filter(
    (track): track is FiledTrack => track.file !== undefined && track.durationMs > 0,
  );
  const sounds = tracks.filter(({ kind }) => kind === 'audio');
  const pictures = choosePictures(tracks.filter(({ kind }) => kind === 'video'));
  const inputs = [...sounds, ...pictures];
  if (inputs.length === 0) throw new Error('the recording has neither a sound nor a picture');
  const seconds = (Math.max(...inputs.map(({ offsetMs, durationMs }) => offsetMs + durationMs)) / 1000).toFixed(3);
  const filters = [
    ...soundFilters(sounds),
    ...pictureFilters(pictures, sounds.length, layout === 'speaker' ? speakerCells : gridCells),
  ];
  const isMp4 = out.endsWith('.mp4');
  return [
    ...['-hide_banner', '-loglevel', 'warning', '-y'],
    ...inputs.flatMap((track) => [...decoderOf(track), '-i', `${folder}/${track.file}`]),
    ...['-filter_complex', filters.join(';')],
    ...(pictures.length > 0 ? ['-map', '[picture]', ...(isMp4 ? h264Out : vp8Out)] : []),
    ...(sounds.length > 0
      ? ['-map', '[sound]', ...(isMp4 ? ['-c:a', 'aac'] : ['-c:a', 'libopus', '-b:a', '96k'])]
      : []),
    ...['-t', seconds, out],
  ];
}

const vp8Out = ['-c:v', 'libvpx', '-pix_fmt', 'yuv420p', '-b:v', '2M', '-deadline', 'realtime', '-cpu-used', '5'];
const h264Out = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p', '-movflags', '+faststart'];

/** The layers of a scalable picture lie in one frame, of which ffmpeg's own decoder would show each. */
function decoderOf({ codec }: ManifestTrack): string[] {
  return codec === 'vp9' ? ['-c:v', 'libvpx-vp9'] : [];
}

/** What is shared comes first, then who was there longest. */
function choosePictures(pictures: readonly FiledTrack[]): FiledTrack[] {
  const weight = ({ source, durationMs }: FiledTrack) => durationMs + (source === 'screen' ? 1e12 : 0);
  return [...pictures].sort((one, other) => weight(other) - weight(one)).slice(0, maxPictures);
}

/** Each begins where it began, and none is made quieter because others are there. */
function soundFilters(sounds: readonly FiledTrack[]): string[] {
  if (sounds.length === 0) return [];
  const delayed = sounds.map(
    ({ offsetMs }, index) =>
      `[${index}:a]aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo,adelay=${offsetMs}:all=1[s${index}]`,
  );
  const labels = sounds.map((_, index) => `[s${index}]`).join('');
  return [...delayed, `${labels}amix=inputs=${sounds.length}:normalize=0:duration=longest,alimiter=level=0[sound]`];
}

function pictureFilters(
  pictures: readonly FiledTrack[],
  firstInput: number,
  cellsOf: (count: number) => readonly Cell[],
): string[] {
  if (pictures.length === 0) return [];
  const cells = cellsOf(pictures.length);
  const endMs = Math.max(...pictures.map(({ offsetMs, durationMs }) => offsetMs + durationMs));
  const scaled = pictures.map(({ offsetMs }, index) => {
    const cell = cells[index] ?? { width, height, x: 0, y: 0 };
    const size = `${cell.width}:${cell.height}`;
    return [
      `[${firstInput + index}:v]fps=${framesPerSecond}`,
      `scale=${size}:force_original_aspect_ratio=decrease`,
      `pad=${size}:(ow-iw)/2:(oh-ih)/2,setsar=1,format=yuv420p`,
      `tpad=start_duration=${(offsetMs / 1000).toFixed(3)}:stop=-1[v${index}]`,
    ].join(',');
  });
  const black = `color=black:s=${width}x${height}:r=${framesPerSecond}:d=${(endMs / 1000).toFixed(3)},format=yuv420p[b0]`;
  // Each is there while it was: before and afterwards its place is black.
  const laid = pictures.map(({ offsetMs, durationMs }, index) => {
    const { x, y } = cells[index] ?? { x: 0, y: 0 };
    const from = (offsetMs / 1000).toFixed(3);
    const to = ((offsetMs + durationMs) / 1000).toFixed(3);
    const label = index === pictures.length - 1 ? '[picture]' : `[b${index + 1}]`;
    return `[b${index}][v${index}]overlay=${x}:${y}:shortest=1:enable='between(t,${from},${to})'${label}`;
  });
  return [black, ...scaled, ...laid];
}

function gridCells(count: number): Cell[] {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const cell = { width: even(width / columns), height: even(height / rows) };
  return Array.from({ length: count }, (_, index) => ({
    ...cell,
    x: (index % columns) * cell.width,
    y: Math.floor(index / columns) * cell.height,
  }));
}

/** The first large, the others in a row below. */
function speakerCells(count: number): Cell[] {
  if (count === 1) return [{ width, height, x: 0, y: 0 }];
  const rowHeight = even(height / 5);
  const rest = { width: even(width / (count - 1)), height: rowHeight };
  const large = { width, height: height - rowHeight, x: 0, y: 0 };
  const row = Array.from({ length: count - 1 }, (_, index) => ({
    ...rest,
    x: index * rest.width,
    y: height - rowHeight,
  }));
  return [large, ...row];
}

/** Pictures of video have even sides. */
const even = (pixels: number): number => Math.floor(pixels / 2) * 2;
