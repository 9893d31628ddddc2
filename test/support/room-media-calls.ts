// The calls that most tests of room media start with.

import type { PeerId } from '../../core/ids.ts';
import type { ProduceRequest, RoomMedia } from '../../media/media.ts';
import type { RtpCapabilities } from '../../proto/gen/types.ts';
import { opusParameters, vp8Parameters } from './rtp-parameters.ts';

export async function sendTransport(room: RoomMedia, peerId: PeerId): Promise<string> {
  return (await room.createTransport(peerId, { direction: 'send', rtpCapabilities: undefined })).transportId;
}

export async function receiveTransport(
  room: RoomMedia,
  peerId: PeerId,
  rtpCapabilities: RtpCapabilities,
): Promise<string> {
  return (await room.createTransport(peerId, { direction: 'recv', rtpCapabilities })).transportId;
}

/** Asks for a sound with an SSRC of its own. */
export function microphone(transportId: string, owner = 'somebody'): ProduceRequest {
  return { transportId, owner, kind: 'audio', source: 'microphone', rtpParameters: opusParameters(), paused: false };
}

/** Asks for a picture; with `layers` above one in simulcast. */
export function camera(transportId: string, layers = 1): ProduceRequest {
  const rtpParameters = vp8Parameters({ layers });
  return { transportId, owner: 'somebody', kind: 'video', source: 'camera', rtpParameters, paused: false };
}
