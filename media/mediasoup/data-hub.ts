import type { types } from 'mediasoup';
import type { EngineDataHub } from '../engine.ts';
import { mediaUnavailable } from '../unavailable.ts';

/** @throws {AppError} MEDIA_UNAVAILABLE: there is no hub yet. */
export async function createDataHub(
  _router: types.Router,
  _options: { readonly maxMessageBytes: number },
): Promise<EngineDataHub> {
  throw mediaUnavailable();
}
