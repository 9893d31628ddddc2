export interface TrackSize {
  readonly width: number;
  readonly height: number;
}

/** Undefined: of a sound, or where the platform does not say. */
export function sizeOf(track: MediaStreamTrack): TrackSize | undefined {
  if (track.kind !== 'video') return undefined;
  const { width, height } = track.getSettings?.() ?? {};
  return width && height ? { width, height } : undefined;
}

export function isSameSize(one: TrackSize | undefined, other: TrackSize | undefined): boolean {
  return one?.width === other?.width && one?.height === other?.height;
}
