import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { LayerWanted } from '../../proto/gen/node-types.ts';
import type { EngineNodePipe, EngineNodeTrack, EngineRouter, NodePipeEnd } from '../engine.ts';
import type { RoomProducer } from '../room-objects.ts';
import type { RoomPolicy } from '../room-policy.ts';
import type { Stage } from '../stage.ts';
import type { StandingPipe } from './inlet.ts';
import type { OpenedTrack, OpenPipe, OtherNodes, PipeRequest, TrackRequest } from './node-tracks.ts';
import { OutTrack } from './out-track.ts';

/** A node that opened a pipe and was not heard of since has forgotten it. */
const unusedMs = 30_000;
/** More than the peers of one node send in a room. */
const maxTracks = 1_000;

interface OutPipe {
  readonly node: string;
  readonly pipeId: string;
  readonly router: EngineRouter;
  readonly pipe: Promise<EngineNodePipe>;
  readonly tracks: Map<string, OutTrack>;
  /** It is that of the inlet from there. */
  readonly isBorrowed: boolean;
  unused: Timer | undefined;
}

/** What a room sends to other nodes: one pipe for each of them, as they open it. Nothing stays of what is not used any more. */
export class NodeOutlets implements RoomPolicy {
  readonly #stage: Stage;
  readonly #nodes: OtherNodes;
  readonly #clock: Clock;
  /** By node: one that opens another pipe has lost the one before. */
  readonly #pipes = new Map<string, OutPipe>();

  constructor(stage: Stage, nodes: OtherNodes) {
    this.#stage = stage;
    this.#nodes = nodes;
    this.#clock = stage.options.clock;
  }

  get pipes(): number {
    return [...this.#pipes.values()].filter(({ isBorrowed }) => !isBorrowed).length;
  }

  get tracks(): number {
    return [...this.#pipes.values()].reduce((sum, { tracks }) => sum + tracks.size, 0);
  }

  /** The same pipe is the same answer. @throws {AppError} MEDIA_UNAVAILABLE */
  async openPipe(node: string, { pipeId, end }: OpenPipe): Promise<NodePipeEnd> {
    const known = this.#pipes.get(node);
    if (known?.pipeId === pipeId) return (await known.pipe).end;
    if (known) this.#drop(known);
    const router = this.#stage.gateway;
    // Whose tracks would be sent, without a router?
    if (router === undefined) throw new AppError('MEDIA_UNAVAILABLE');
    const made: OutPipe = {
      node,
      pipeId,
      router,
      pipe: open(router, this.#nodes, end),
      tracks: new Map(),
      isBorrowed: false,
      unused: undefined,
    };
    this.#pipes.set(node, made);
    this.#rest(made);
    try {
      return (await made.pipe).end;
    } catch (error) {
      this.#drop(made);
      throw error;
    }
  }

  /** @throws {AppError} TRANSPORT_NOT_FOUND, PRODUCER_NOT_FOUND, CANNOT_CONSUME, NODE_OVERLOADED */
  async openTrack(node: string, { pipeId, producerId }: TrackRequest): Promise<OpenedTrack> {
    const out = this.#find(node, pipeId);
    if (out === undefined) throw new AppError('TRANSPORT_NOT_FOUND', { transportId: pipeId });
    const producer = this.#stage.producers.get(producerId);
    if (producer === undefined || producer.peer.isElsewhere) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    const track = out.tracks.get(producerId) ?? this.#send(out, producer);
    const { kind, rtpParameters } = await track.sent;
    return { kind, rtpParameters, paused: producer.info.paused };
  }

  closeTrack(node: string, { pipeId, producerId }: TrackRequest): void {
    const out = this.#pipes.get(node);
    const track = out?.pipeId === pipeId ? out.tracks.get(producerId) : undefined;
    if (out && track) this.#stop(out, track);
  }

  /** What another node shows of a track. */
  layerWanted(node: string, { producerId, spatialLayer }: LayerWanted): void {
    this.#pipes.get(node)?.tracks.get(producerId)?.showsThere(spatialLayer);
  }

  /** The other node has closed its end. */
  closePipe(node: string, { pipeId }: PipeRequest): void {
    const out = this.#pipes.get(node);
    if (out?.pipeId === pipeId) this.#drop(out);
  }

  nodeDied(node: string): void {
    const out = this.#pipes.get(node);
    if (out) this.#drop(out);
  }

  routersDied(dead: ReadonlySet<EngineRouter>): void {
    for (const out of [...this.#pipes.values()]) if (dead.has(out.router)) this.#end(out);
  }

  producerRemoved(producer: RoomProducer): void {
    for (const out of this.#pipes.values()) {
      const track = out.tracks.get(producer.id);
      if (track?.producer === producer) this.#stop(out, track);
    }
  }

  close(): void {
    for (const out of [...this.#pipes.values()]) this.#end(out);
  }

  /** One that the node opened, by which its tracks may come as well. */
  pipeTo(node: string): StandingPipe | undefined {
    const out = this.#pipes.get(node);
    if (out === undefined || out.isBorrowed) return undefined;
    out.unused?.cancel();
    return out;
  }

  /** Tracks go to the node by this pipe. */
  goesBy(node: string, pipeId: string): boolean {
    const out = this.#pipes.get(node);
    return out?.pipeId === pipeId && out.tracks.size > 0;
  }

  /** No track comes from there any more. */
  rest(node: string): void {
    const out = this.#pipes.get(node);
    if (out) this.#rest(out);
  }

  /** A pipe that the node opened, or the one by which its tracks come: tracks may go back by it. */
  #find(node: string, pipeId: string): OutPipe | undefined {
    const known = this.#pipes.get(node);
    if (known?.pipeId === pipeId) return known;
    const lent = this.#stage.remote?.pipeOf(node, pipeId);
    if (lent === undefined) return undefined;
    // Whoever goes by another pipe has lost the one before.
    if (known) this.#drop(known);
    const made: OutPipe = { ...lent, node, tracks: new Map(), isBorrowed: true, unused: undefined };
    this.#pipes.set(node, made);
    return made;
  }

  #send(out: OutPipe, producer: RoomProducer): OutTrack {
    if (out.tracks.size >= maxTracks) throw new AppError('NODE_OVERLOADED', { what: 'tracks for one node' });
    out.unused?.cancel();
    const track = new OutTrack({ node: out.node, producer, sent: this.#carry(out, producer) });
    out.tracks.set(producer.id, track);
    this.#stage.options.policies.tell('trackSent', track);
    track.sent.catch(() => this.#stop(out, track));
    return track;
  }

  /** The way out is on one router of the room, and the producer may be on another. */
  async #carry(out: OutPipe, producer: RoomProducer): Promise<EngineNodeTrack> {
    const pipe = await out.pipe;
    const { outlets } = this.#stage;
    const idThere = await outlets.take(producer, out.router);
    try {
      const sent = await pipe.send(idThere);
      const close = () => {
        sent.close();
        outlets.release(producer, out.router);
      };
      if (!producer.closed) return { ...sent, close };
      sent.close();
      throw new AppError('PRODUCER_NOT_FOUND', { producerId: producer.id });
    } catch (error) {
      outlets.release(producer, out.router);
      throw error;
    }
  }

  #stop(out: OutPipe, track: OutTrack): void {
    if (out.tracks.get(track.producer.id) !== track) return;
    out.tracks.delete(track.producer.id);
    track.close();
    this.#rest(out);
  }

  #rest(out: OutPipe): void {
    out.unused?.cancel();
    if (out.tracks.size > 0 || this.#pipes.get(out.node) !== out) return;
    const { remote } = this.#stage;
    if (out.isBorrowed) {
      this.#pipes.delete(out.node);
      remote?.rest(out.node);
    } else if (remote?.borrows(out.node, out.pipeId) !== true) {
      out.unused = this.#clock.after(unusedMs, () => this.#end(out));
    }
  }

  /** The other node is told: what it receives by the pipe, it has to get by another one. */
  #end(out: OutPipe): void {
    this.#drop(out);
    if (out.isBorrowed) return;
    const { room } = this.#stage.options;
    this.#nodes.tracks.closePipe(out.node, { room, pipeId: out.pipeId }).catch(() => {});
  }

  #drop(out: OutPipe): void {
    if (this.#pipes.get(out.node) === out) this.#pipes.delete(out.node);
    out.unused?.cancel();
    for (const track of [...out.tracks.values()]) this.#stop(out, track);
    if (out.isBorrowed) return;
    this.#stage.remote?.pipeClosed(out.node, out.pipeId);
    out.pipe.then(
      (pipe) => pipe.close(),
      () => {},
    );
  }
}

async function open(router: EngineRouter, { listen }: OtherNodes, other: NodePipeEnd): Promise<EngineNodePipe> {
  const pipe = await router.openNodePipe(listen);
  try {
    await pipe.connect(other);
    return pipe;
  } catch (error) {
    pipe.close();
    throw error;
  }
}
