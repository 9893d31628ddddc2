/**
 * A description that names no stream (SSRC) of a sound. Chromium plays streams that are not named beside the one that is,
 * whether anything has the track or not; where none is, all of them are the track's.
 */
export function withUnnamedSounds(sdp: string): string {
  const unnamed = (section: string) =>
    section.startsWith('m=audio') ? section.replace(/^a=ssrc.*\r?\n/gm, '') : section;
  return sdp
    .split(/^(?=m=)/m)
    .map(unnamed)
    .join('');
}
