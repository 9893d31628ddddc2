// The media of this node and that of the others: what they ask of each other goes by calls, and keys of pipes are sealed.

import type { Life, NodeLeases } from '../../cluster/directory.ts';
import type { NodeCalls, NodeLink } from '../../cluster/node-calls.ts';
import { createKeySeal } from '../../cluster/rpc/key-seal.ts';
import { Emitter } from '../../core/events.ts';
import type { Logger } from '../../core/log.ts';
import { listenAddresses } from '../../media/announced-address.ts';
import type { NodePipeEnd, NodePipeListen } from '../../media/engine.ts';
import type { NodeEvents, NodeTracks, OtherNodes, PipeRequest } from '../../media/nodes/node-tracks.ts';
import type { PipeOffer } from '../../proto/gen/node-types.ts';
import type { Config } from '../config/schema.ts';

/** More than a cluster has. Lives that are over do not come any more: beyond it the first of them is forgotten. */
const maxAwaited = 1_000;

interface MediaNodesParts {
  readonly nodes: NodeLeases;
  readonly calls: NodeCalls;
  readonly secret: string;
  readonly log: Logger;
}

export interface MediaNodes extends OtherNodes {
  /** The others may ask from now on. */
  serve(own: NodeTracks): void;
}

export function createMediaNodes(config: Config, { nodes, calls, secret, log }: MediaNodesParts): MediaNodes {
  const seal = createKeySeal(secret);
  const events = new Emitter<NodeEvents>((error, event) =>
    log.error({ err: error, event }, 'media could not be told of another node'),
  );
  const watched = new Map<Life, NodeLink>();
  /** Asked for before anything was known of them. */
  const awaited = new Set<Life>();
  calls.events.on('frame', ({ from, frame }) => events.emit('frame', { node: from, frame }));
  nodes.events.on('came', ({ life }) => {
    if (awaited.has(life)) watch(life);
  });
  nodes.events.on('died', ({ life }) => {
    watched.delete(life);
    awaited.delete(life);
    events.emit('died', { node: life });
  });
  // Others have closed what they had with its life before.
  nodes.events.on('reborn', () => {
    for (const node of watched.keys()) events.emit('back', { node });
  });

  function watch(node: Life): void {
    if (watched.has(node)) return;
    if (!nodes.others.has(node)) {
      awaited.add(node);
      const [first] = awaited;
      if (awaited.size > maxAwaited && first !== undefined) awaited.delete(first);
      return;
    }
    awaited.delete(node);
    const link = calls.link(node);
    watched.set(node, link);
    let wasDown = link.state === 'down';
    link.events.on('stateChanged', ({ state }) => {
      if (state === 'up') events.emit('up', { node });
      else if (state === 'down') events.emit('down', { node });
      if (state === 'up' && wasDown) events.emit('back', { node });
      wasDown = state === 'down' || (wasDown && state !== 'up');
    });
    if (link.state === 'up') events.emit('up', { node });
  }

  // Each end is sealed for its own pipe and direction: what was heard of one is of no use for another.
  const toOffer = (from: string, { room, pipeId }: PipeRequest, end: NodePipeEnd): PipeOffer => ({
    ip: end.ip,
    port: end.port,
    cryptoSuite: end.cryptoSuite,
    sealedKey: seal.seal(Buffer.from(end.keyBase64, 'base64'), aboutOf(from, room, pipeId)),
  });
  const toEnd = (from: string, { room, pipeId }: PipeRequest, offer: PipeOffer): NodePipeEnd => ({
    ip: offer.ip,
    port: offer.port,
    cryptoSuite: offer.cryptoSuite,
    keyBase64: Buffer.from(seal.open(offer.sealedKey, aboutOf(from, room, pipeId))).toString('base64'),
  });

  return {
    events,
    listen: listenOf(config),
    tracks: {
      async openPipe(node, { end, ...pipe }) {
        const offer = toOffer(nodes.life, pipe, end);
        const answer = await calls.call(node, 'openPipe', { ...pipe, offer });
        return toEnd(node, pipe, answer.offer);
      },
      async openTrack(node, track) {
        const { kind, ...opened } = await calls.call(node, 'openTrack', track);
        return { kind: kind === 'audio' ? 'audio' : 'video', ...opened };
      },
      async closeTrack(node, track) {
        await calls.call(node, 'closeTrack', track);
      },
      async closePipe(node, pipe) {
        await calls.call(node, 'closePipe', pipe);
      },
    },
    watch,
    isUp: (node) => watched.get(node)?.state === 'up',
    send(node, frame, how) {
      watch(node);
      return watched.get(node)?.send(frame, how) ?? false;
    },
    serve(own) {
      calls.serve({
        async openPipe({ offer, ...pipe }, from) {
          const end = await own.openPipe(from, { ...pipe, end: toEnd(from, pipe, offer) });
          return { offer: toOffer(nodes.life, pipe, end) };
        },
        openTrack: (track, from) => own.openTrack(from, track),
        async closeTrack(track, from) {
          await own.closeTrack(from, track);
          return {};
        },
        async closePipe(pipe, from) {
          await own.closePipe(from, pipe);
          return {};
        },
      });
    },
  };
}

function aboutOf(from: string, room: string, pipeId: string): string {
  return JSON.stringify([from, room, pipeId]);
}

function listenOf({ node }: Pick<Config, 'node'>): NodePipeListen {
  const { pipeListenIp, pipeAnnounced, pipePortMin: portMin, pipePortMax: portMax } = node;
  // Bound by itself where it was found: a packet from another address of this machine is none of the pipe's.
  const [first] = listenAddresses({ listenIp: pipeListenIp, announcedAddress: pipeAnnounced });
  return { ip: first?.ip ?? pipeListenIp, announced: first?.announced ?? pipeListenIp, portMin, portMax };
}
