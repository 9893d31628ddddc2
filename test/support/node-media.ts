// Nodes of one process: the media of each asks the others' as over a network that a test can cut.

import { AppError } from '../../core/errors.ts';
import { Emitter } from '../../core/events.ts';
import type { NodeEvents, NodeTracks, OtherNodes } from '../../media/nodes/node-tracks.ts';
import type { LinkFrame } from '../../proto/gen/node-types.ts';
import { pipeListen } from './start-media.ts';

export interface MediaNetwork {
  /** What the media of a node is given. */
  join(node: string): OtherNodes;
  /** What the others may ask of it. */
  serve(node: string, tracks: NodeTracks): void;
  /** It answers nobody any more, and nobody is told. */
  hang(node: string): void;
  /** Calls to it fail until `mend`. */
  cut(node: string): void;
  mend(node: string): void;
  /** It takes the other one for dead, which is not told. */
  forget(node: string, other: string): void;
  /** Its life has ended, and the others are told. */
  die(node: string): void;
  /** Sends a frame, of whoever is named. */
  say(from: string, to: string, frame: LinkFrame): void;
  /** What was sent over links and taken, as in `layerWanted to home`. */
  readonly frames: string[];
  /** What was asked, as in `openTrack of home`. */
  readonly calls: string[];
  /** Answers instead of what a node would. */
  garble: Partial<NodeTracks>;
}

export function createMediaNetwork(): MediaNetwork {
  const served = new Map<string, NodeTracks>();
  const events = new Map<string, Emitter<NodeEvents>>();
  const hanging = new Set<string>();
  const unreachable = new Set<string>();

  function tracksFor(from: string): NodeTracks {
    const ask = async <Method extends keyof NodeTracks>(
      method: Method,
      node: string,
      request: Parameters<NodeTracks[Method]>[1],
    ): Promise<Awaited<ReturnType<NodeTracks[Method]>>> => {
      network.calls.push(`${method} of ${node}`);
      await Promise.resolve();
      if (hanging.has(node)) return new Promise<never>(() => {});
      const to = served.get(node);
      if (unreachable.has(node) || !to) throw new AppError('NODE_UNREACHABLE');
      const answer = (network.garble[method] ?? to[method]) as (
        asking: string,
        about: typeof request,
      ) => ReturnType<NodeTracks[Method]>;
      return await answer(from, structuredClone(request));
    };
    return {
      openPipe: (node, request) => ask('openPipe', node, request),
      openTrack: (node, request) => ask('openTrack', node, request),
      closeTrack: (node, request) => ask('closeTrack', node, request),
      closePipe: (node, request) => ask('closePipe', node, request),
    };
  }

  const network: MediaNetwork = {
    join(node) {
      const told = new Emitter<NodeEvents>((error) => {
        throw error;
      });
      events.set(node, told);
      const isUp = (to: string) => served.has(to) && !unreachable.has(to) && !unreachable.has(node);
      const send: OtherNodes['send'] = (to, frame) => {
        if (!isUp(to)) return false;
        const { room: _room, ...content } = frame;
        network.frames.push(`${Object.keys(content)[0]} to ${to}`);
        const copy = structuredClone(frame);
        if (!hanging.has(to)) queueMicrotask(() => events.get(to)?.emit('frame', { node, frame: copy }));
        return true;
      };
      return { tracks: tracksFor(node), events: told, listen: pipeListen, watch: () => {}, isUp, send };
    },
    serve(node, tracks) {
      served.set(node, tracks);
      for (const [other, told] of events) if (other !== node) told.emit('up', { node });
    },
    hang: (node) => hanging.add(node),
    cut(node) {
      unreachable.add(node);
      for (const [other, told] of events) {
        if (other === node) continue;
        told.emit('down', { node });
        events.get(node)?.emit('down', { node: other });
      }
    },
    mend(node) {
      unreachable.delete(node);
      for (const [other, told] of events) {
        if (other === node) continue;
        told.emit('up', { node });
        told.emit('back', { node });
        events.get(node)?.emit('up', { node: other });
      }
    },
    forget: (node, other) => events.get(node)?.emit('died', { node: other }),
    die(node) {
      served.delete(node);
      for (const [other, told] of events) if (other !== node) told.emit('died', { node });
    },
    say: (from, to, frame) => events.get(to)?.emit('frame', { node: from, frame }),
    frames: [],
    calls: [],
    garble: {},
  };
  return network;
}
