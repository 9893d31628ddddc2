import type { types } from 'mediasoup';
import type { EngineTap, TapTarget } from '../engine.ts';
import { mediaUnavailable } from '../unavailable.ts';

/** @throws {AppError} MEDIA_UNAVAILABLE: there are no taps yet. */
export async function createTap(_router: types.Router, _target: TapTarget): Promise<EngineTap> {
  throw mediaUnavailable();
}
