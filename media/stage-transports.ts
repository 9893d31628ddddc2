// The transports of a stage: made, connected, restarted, and watched for clients that are gone.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities } from '../proto/gen/types.ts';
import { checkRtpCapabilities } from './capabilities.ts';
import { checkDtlsParameters } from './dtls-parameters.ts';
import type { EngineRouter, EngineTransport } from './engine.ts';
import type { MadeTransport, TransportRequest } from './media.ts';
import type { PeerMedia } from './peer-media.ts';
import type { RoomTransport } from './room-objects.ts';
import type { Stage } from './stage.ts';
import { mediaUnavailable } from './unavailable.ts';

/**
 * How long a client may stay away after its ICE consent (RFC 7675) ran out, which takes 30 s by itself. A client that
 * changes networks restarts ICE within this time; one that is gone for good is told to nobody meanwhile.
 */
const lostGraceMs = 30_000;

export async function createTransport(
  stage: Stage,
  peerId: PeerId,
  { direction, rtpCapabilities, data = false, payloadTypes }: TransportRequest,
): Promise<MadeTransport> {
  const receives = direction === 'recv' ? requireCapabilities(rtpCapabilities) : undefined;
  // A room has one router, of all codecs.
  if (payloadTypes) throw mediaUnavailable();
  const peer = stage.admit(peerId);
  const { engine } = await peer.transports.make({
    create: async () => {
      const router = await stage.openRouter();
      return toRoomTransport(await router.createTransport({ data }), router, peer, receives);
    },
    requireWanted: () => peer.requireHere(),
    admit: (transport) => watch(stage, transport),
  });
  return {
    transportId: engine.id,
    iceParameters: engine.iceParameters,
    iceCandidates: [...engine.iceCandidates],
    dtlsParameters: engine.dtlsParameters,
    sctpParameters: engine.sctpParameters,
  };
}

export async function connectTransport(
  stage: Stage,
  peerId: PeerId,
  transportId: string,
  dtlsParameters: DtlsParameters,
): Promise<void> {
  const transport = stage.peer(peerId).transports.require(transportId);
  checkDtlsParameters(dtlsParameters);
  if (transport.connected) throw new AppError('TRANSPORT_ALREADY_CONNECTED', { transportId });
  transport.connected = true;
  try {
    await transport.engine.connect(dtlsParameters);
  } catch (error) {
    transport.connected = false;
    throw error;
  }
}

export function restartIce(stage: Stage, peerId: PeerId, transportId: string): Promise<IceParameters> {
  return stage.peer(peerId).transports.require(transportId).engine.restartIce();
}

export function closeTransport(stage: Stage, peerId: PeerId, transportId: string): readonly string[] {
  const transport = stage.peer(peerId).transports.require(transportId);
  const consumerIds = [...transport.consumers].map(({ id }) => id);
  stage.closeTransport(transport);
  return consumerIds;
}

function requireCapabilities(rtpCapabilities: RtpCapabilities | undefined): RtpCapabilities {
  if (!rtpCapabilities) {
    throw new AppError('BAD_REQUEST', { field: 'rtpCapabilities', problem: 'is needed for a transport to receive' });
  }
  checkRtpCapabilities(rtpCapabilities);
  return rtpCapabilities;
}

function toRoomTransport(
  engine: EngineTransport,
  router: EngineRouter,
  peer: PeerMedia,
  receives: RtpCapabilities | undefined,
): RoomTransport {
  return {
    id: engine.id,
    engine,
    router,
    peer,
    receives,
    producers: new Set(),
    consumers: new Set(),
    connected: false,
    lost: undefined,
    closed: false,
  };
}

function watch(stage: Stage, transport: RoomTransport): void {
  transport.engine.events.on('connectivityChanged', ({ connectivity }) => {
    if (transport.closed) return;
    transport.lost?.cancel();
    if (connectivity === 'failed') stage.transportDied(transport);
    if (connectivity === 'lost') {
      transport.lost = stage.options.clock.after(lostGraceMs, () => stage.transportDied(transport));
    }
  });
}
