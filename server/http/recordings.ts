import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { RecordingArchive } from '../../media/recorder.ts';
import { manifestName } from '../../media/recording/manifest.ts';
import { grantsIn } from '../../signaling/grants.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import type { HttpHandler } from '../gateway/http-routes.ts';
import type { FileBody, HttpAnswer } from '../gateway/listener.ts';
import { bearerTokenOf } from './bearer-token.ts';

export const recordingsPath = '/api/v1/recordings/';

const types: Readonly<Record<string, string>> = {
  webm: 'video/webm',
  mkv: 'video/x-matroska',
  json: 'application/json; charset=utf-8',
};

/**
 * `GET /api/v1/recordings/<id>/<file>` with `Authorization: Bearer <token>` whose grants in the recorded room have `record`:
 * `manifest.json`, or a file that it names. A part of it with `Range` (RFC 9110 section 14).
 */
export function createRecordingsHandler(parts: {
  readonly archive: RecordingArchive;
  readonly verifier: TokenVerifier;
}): HttpHandler {
  const { archive, verifier } = parts;
  return async ({ path, headers }) => {
    const { grants } = await verifier.verify(bearerTokenOf({ headers }));
    const [recordingId = '', name = '', ...more] = path.slice(recordingsPath.length).split('/');
    const recording = archive.find(recordingId);
    // Whoever may not have it is not told that it is there.
    if (!recording || !grantsIn(recording.room, grants).has('record')) {
      throw new AppError('RECORDING_NOT_FOUND', { recordingId: recordingId.slice(0, 64) });
    }
    const manifest = await archive.manifestOf(recordingId);
    // Names are compared, never put together from what was asked for.
    const isKnown = name === manifestName || manifest?.tracks.some(({ file }) => file === name);
    if (!manifest || !isKnown || more.length > 0) throw new AppError('ROUTE_NOT_FOUND');
    const file = join(archive.folderOf(recordingId), name);
    return fileAnswer(file, name, headers['range']);
  };
}

async function fileAnswer(path: string, name: string, range: string | undefined): Promise<HttpAnswer> {
  const { size } = await stat(path);
  const headers = {
    'content-type': types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    'content-disposition': `attachment; filename="${name}"`,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
  };
  const asked = range === undefined ? undefined : readRange(range, size);
  if (asked === 'beyond') return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } };
  if (!asked) return { status: 200, headers, file: { path, start: 0, end: size } };
  const { start, end } = asked;
  const partial = { ...headers, 'content-range': `bytes ${start}-${end - 1}/${size}` };
  return { status: 206, headers: partial, file: { path, start, end } };
}

/** One range (section 14.1.2); undefined for several or for what is none, which may be ignored. */
function readRange(header: string, size: number): Omit<FileBody, 'path'> | 'beyond' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size) return 'beyond';
  return start < end ? { start, end } : undefined;
}
