import { AppError } from '../../core/errors.ts';
import type { PeerId } from '../../core/ids.ts';
import type { OpenDataResponse } from '../../proto/gen/types.ts';
import type { RoomTransport } from '../room-objects.ts';
import type { Stage } from '../stage.ts';
import { RoomData } from './room-data.ts';

/** What peers say goes with the stage that their transports stand on. */
const ofStages = new WeakMap<Stage, RoomData>();

/** @throws {AppError} TRANSPORT_NOT_FOUND, TRANSPORT_WRONG_DIRECTION, DATA_REFUSED for a transport that was made without. */
export async function openData(
  stage: Stage,
  peerId: PeerId,
  request: { readonly sendTransportId: string | undefined; readonly recvTransportId: string | undefined },
): Promise<OpenDataResponse> {
  const send = find(stage, peerId, request.sendTransportId, 'send');
  const receive = find(stage, peerId, request.recvTransportId, 'recv');
  let data = ofStages.get(stage);
  if (!data) {
    data = new RoomData(stage.options, (transport) => stage.transportDied(transport));
    ofStages.set(stage, data);
  }
  return data.open(peerId, { send, receive });
}

function find(
  stage: Stage,
  peerId: PeerId,
  transportId: string | undefined,
  direction: 'send' | 'recv',
): RoomTransport | undefined {
  if (transportId === undefined) return undefined;
  const transport = stage.peer(peerId).transports.require(transportId);
  if ((transport.receives !== undefined) !== (direction === 'recv')) {
    throw new AppError('TRANSPORT_WRONG_DIRECTION', { transportId });
  }
  return transport;
}
