// Rooms as the server makes them, without the server: RoomMedia over the mediasoup engine.

import { systemClock } from '../../core/clock.ts';
import { createPeerId, type PeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import type { PlacementLimits } from '../../media/choose-place.ts';
import { createMedia } from '../../media/create-media.ts';
import type { Media } from '../../media/media.ts';
import type { MediaOptions } from '../../media/media-options.ts';
import { createMediasoupEngine } from '../../media/mediasoup/engine.ts';
import type { CreatePolicy } from '../../media/room-policy.ts';
import { createConfig } from '../../server/config.ts';
import type { ForwardingRoom, ForwardingSide } from './forwarding-side.ts';
import { opusRtpParameters } from './opus-stream.ts';

export interface ParleySide extends ForwardingSide {
  readonly media: Media;
}

interface ParleySideOptions {
  /** The server's default options otherwise, with one worker. */
  readonly overrides?: Partial<MediaOptions>;
  readonly policies?: readonly CreatePolicy[];
  readonly placementLimits?: PlacementLimits;
}

export async function createParleySide(
  name: string,
  { overrides, ...parts }: ParleySideOptions = {},
): Promise<ParleySide> {
  const defaults = { workers: 1, port: 0, listenIp: '127.0.0.1' };
  const options = createConfig({ dev: true, media: { ...defaults, ...overrides } }).media;
  const clock = systemClock;
  const log = silentLogger;
  const engine = await createMediasoupEngine({ options, clock, log });
  const media = createMedia({ engine, options, clock, log, ...parts });
  const { workers } = await media.stats();
  return {
    name,
    workerPids: workers.map(({ pid }) => pid),
    media,
    async openRoom(room) {
      return toForwardingRoom(media, room);
    },
    [Symbol.asyncDispose]: () => media.close(),
  };
}

function toForwardingRoom(media: Media, name: string): ForwardingRoom {
  const room = media.openRoom(name);
  const ids = new Map<string, PeerId>();
  const idOf = (peer: string) => {
    const id = ids.get(peer) ?? createPeerId();
    ids.set(peer, id);
    return id;
  };
  return {
    createTransport: (peer, direction) =>
      room.createTransport(idOf(peer), {
        direction,
        rtpCapabilities: direction === 'recv' ? media.rtpCapabilities : undefined,
      }),
    connectTransport: (peer, transportId, dtlsParameters) =>
      room.connectTransport(idOf(peer), transportId, dtlsParameters),
    async produce(peer, transportId, ssrc) {
      const { producerId } = await room.produce(idOf(peer), {
        transportId,
        kind: 'audio',
        source: 'microphone',
        owner: peer,
        rtpParameters: opusRtpParameters(ssrc),
        paused: false,
      });
      return producerId;
    },
    async consume(peer, transportId, producerId) {
      const { consumerId } = await room.consume(idOf(peer), { transportId, producerId });
      await room.resumeConsumer(idOf(peer), consumerId);
    },
  };
}
