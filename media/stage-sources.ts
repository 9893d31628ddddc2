// The sources of a stage: where a process of this machine brings tracks of a peer that has no client of its own.

import { AppError } from '../core/errors.ts';
import type { PeerId } from '../core/ids.ts';
import type { EngineRouter, SourceOrigin } from './engine.ts';
import type { RoomSource } from './media.ts';
import type { Stage } from './stage.ts';
import { produceOn } from './stage-producers.ts';

export async function openSource(stage: Stage, peerId: PeerId, from: SourceOrigin): Promise<RoomSource> {
  const { admission } = stage.options;
  admission.requireTransport(peerId);
  const peer = stage.admit(peerId);
  let taken: EngineRouter | undefined;
  const making = peer.sources.make({
    create: async () => {
      taken = await stage.takeRouter(peer, { expected: { sounds: 1, videoBitsPerSecond: 0, join: true } });
      const engine = await taken.createSource(from);
      return { id: engine.id, engine, router: taken, peer, producers: new Set(), closed: false };
    },
    requireWanted: () => peer.requireHere(),
    admit: () => admission.entered(peerId),
  });
  const source = await making.catch((error: unknown) => {
    if (taken) stage.releaseRouter(taken);
    throw error;
  });
  const requireOrigin = () => {
    peer.requireHere();
    if (source.closed) throw new AppError('TRANSPORT_NOT_FOUND', { transportId: source.id });
  };
  return {
    target: source.engine.target,
    async produce(request) {
      requireOrigin();
      return produceOn(stage, peer, request, {
        from: source,
        create: (options) => source.engine.produce(options),
        requireOrigin,
      });
    },
    close: () => stage.closeSource(source),
  };
}
