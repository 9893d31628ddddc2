// Brings the files of a recording to the person's folder of downloads, one after the other.

import { ParleyError, type RecordingInfo } from '@parley/client';

export interface Download {
  readonly recordingId: string;
  readonly file: number;
  readonly files: number;
}

interface SaveRequest {
  readonly recording: RecordingInfo;
  readonly token: string;
  readonly signal: AbortSignal;
}

/** @throws {ParleyError} with the reason of the server. */
export async function saveRecording(
  { recording, token, signal }: SaveRequest,
  onProgress: (download: Download) => void,
): Promise<void> {
  const get = async (name: string): Promise<Response> => {
    const url = recording.url.replace(/[^/]+$/, encodeURIComponent(name));
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
    if (!response.ok) throw new ParleyError('RECORDING_NOT_FOUND', `The server answered ${response.status}.`);
    return response;
  };
  const manifest = await (await get('manifest.json')).text();
  const names = fileNamesOf(manifest);
  const { recordingId } = recording;
  const keep = (blob: Blob, name: string) => offer(blob, `${recording.room}-${recordingId.slice(0, 8)}-${name}`);
  keep(new Blob([manifest], { type: 'application/json' }), 'manifest.json');
  for (const [index, name] of names.entries()) {
    onProgress({ recordingId, file: index + 1, files: names.length });
    keep(await (await get(name)).blob(), name);
  }
}

export function fileNamesOf(manifest: string): string[] {
  const { tracks } = JSON.parse(manifest) as { tracks: readonly { file?: string }[] };
  return tracks.flatMap(({ file }) => (file === undefined ? [] : [file]));
}

function offer(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
