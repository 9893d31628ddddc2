// The transports of a stage: made, connected, restarted, and watched for clients that are gone.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { DtlsParameters, IceParameters, RtpCapabilities } from '../proto/gen/types.ts';
import { checkRtpCapabilities } from './capabilities.ts';
import { type ExpectedFlows, usualBitsPerPicture } from './choose-place.ts';
import { checkDtlsParameters } from './dtls-parameters.ts';
import type { EngineRouter, EngineTransport } from './engine.ts';
import type { MadeTransport, TransportRequest } from './media.ts';
import type { PeerMedia } from './peer-media.ts';
import type { RoomTransport } from './room-objects.ts';
import type { Stage } from './stage.ts';

/**
 * How long a client may stay away after its ICE consent (RFC 7675) ran out, which takes 30 s by itself. A client that
 * changes networks restarts ICE within this time; one that is gone for good is told to nobody meanwhile.
 */
const lostGraceMs = 30_000;

export async function createTransport(
  stage: Stage,
  peerId: PeerId,
  { direction, rtpCapabilities, data = false, payloadTypes, connectWithinMs }: TransportRequest,
): Promise<MadeTransport> {
  const receives = direction === 'recv' ? requireCapabilities(rtpCapabilities) : undefined;
  const { admission } = stage.options;
  admission.requireTransport(peerId);
  const expected = expectedOf(stage, peerId);
  const peer = stage.admit(peerId);
  let taken: EngineRouter | undefined;
  const making = peer.transports.make({
    create: async () => {
      taken = await stage.takeRouter(peer, { expected, payloadTypes });
      return toRoomTransport(await taken.createTransport({ data }), taken, peer, receives);
    },
    requireWanted: () => peer.requireHere(),
    admit: (transport) => {
      admission.entered(peerId);
      watch(stage, transport, connectWithinMs);
    },
  });
  const { engine } = await making.catch((error: unknown) => {
    if (taken) stage.releaseRouter(taken);
    throw error;
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

/** Of a peer with nothing yet: what it is likely to send, and what there is to receive. */
function expectedOf({ options: { options }, producers }: Stage, peerId: PeerId): ExpectedFlows {
  const others = [...producers.values()].filter(({ peer }) => peer.id !== peerId).slice(0, options.maxConsumersPerPeer);
  const heard = others.filter(({ kind }) => kind === 'audio').length;
  const seen = others.length - heard;
  const voices = options.loudestSpeakers > 0 ? Math.min(heard, options.loudestSpeakers) : heard;
  return { sounds: 1 + voices, videoBitsPerSecond: (1 + seen) * usualBitsPerPicture, join: true };
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

function watch(stage: Stage, transport: RoomTransport, connectWithinMs: number | undefined): void {
  if (connectWithinMs !== undefined) {
    transport.lost = stage.options.clock.after(connectWithinMs, () => stage.transportDied(transport));
  }
  transport.engine.events.on('connectivityChanged', ({ connectivity }) => {
    if (transport.closed) return;
    transport.lost?.cancel();
    transport.lost = undefined;
    if (connectivity === 'up') stage.options.onUp(transport.peer.id);
    if (connectivity === 'failed') stage.transportDied(transport);
    if (connectivity === 'lost') {
      transport.lost = stage.options.clock.after(lostGraceMs, () => stage.transportDied(transport));
    }
  });
}
