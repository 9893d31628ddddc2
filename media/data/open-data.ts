import type { PeerId } from '../../core/ids.ts';
import type { OpenDataResponse } from '../../proto/gen/types.ts';
import type { Stage } from '../stage.ts';
import { mediaUnavailable } from '../unavailable.ts';

/** @throws {AppError} MEDIA_UNAVAILABLE: there is no data yet. */
export async function openData(
  _stage: Stage,
  _peerId: PeerId,
  _request: { readonly sendTransportId: string | undefined; readonly recvTransportId: string | undefined },
): Promise<OpenDataResponse> {
  throw mediaUnavailable();
}
