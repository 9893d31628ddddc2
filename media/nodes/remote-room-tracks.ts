import { AppError } from '../../core/errors.ts';
import type { PeerId } from '../../core/ids.ts';
import type { TrackShape } from '../../proto/gen/node-types.ts';
import type { ProducerInfo } from '../../proto/gen/types.ts';
import type { EngineRouter } from '../engine.ts';
import { PeerMedia } from '../peer-media.ts';
import type { RemoteTracks } from '../remote-tracks.ts';
import type { RoomConsumer } from '../room-consumer.ts';
import { RoomProducer } from '../room-objects.ts';
import type { RoomPolicy } from '../room-policy.ts';
import type { Stage } from '../stage.ts';
import { toClientError } from './ask-node.ts';
import { Inlet, type StandingPipe } from './inlet.ts';
import type { OpenedTrack, OtherNodes } from './node-tracks.ts';
import { RemoteTrack } from './remote-track.ts';
import type { RoomNodes, RoomOwner } from './room-nodes.ts';
import { shapeOf } from './shape-of.ts';

interface RemotePeer {
  readonly media: PeerMedia;
  readonly tracks: Map<string, RemoteTrack>;
}

/**
 * The tracks of a room's peers on other nodes. What one of them is called at home it is called here, and its copy stands among
 * the producers of the stage: who consumes it need not know where it comes from.
 */
export class RemoteRoomTracks implements RemoteTracks, RoomPolicy {
  readonly #stage: Stage;
  readonly #nodes: OtherNodes;
  readonly #roomNodes: RoomNodes;
  readonly #peers = new Map<PeerId, RemotePeer>();
  readonly #tracks = new Map<string, RemoteTrack>();
  readonly #inlets = new Map<string, Inlet>();

  constructor(stage: Stage, nodes: OtherNodes, roomNodes: RoomNodes) {
    this.#stage = stage;
    this.#nodes = nodes;
    this.#roomNodes = roomNodes;
  }

  /** Pipes that stand or are being made. */
  get pipes(): number {
    return [...this.#inlets.values()].filter(({ isBorrowed }) => !isBorrowed).length;
  }

  /** Tracks that are here now. */
  get copies(): number {
    return [...this.#tracks.values()].filter(({ copy }) => copy !== undefined).length;
  }

  get(producerId: string): RemoteTrack | undefined {
    return this.#tracks.get(producerId);
  }

  infosOf(peerId: PeerId): readonly ProducerInfo[] {
    return [...(this.#peers.get(peerId)?.tracks.values() ?? [])].map(({ info }) => info);
  }

  all(): readonly { readonly peerId: PeerId; readonly producer: ProducerInfo }[] {
    return [...this.#tracks.values()].map(({ peer, info }) => ({ peerId: peer.id, producer: info }));
  }

  changed(
    peerId: PeerId,
    info: ProducerInfo,
    { node, shape }: { readonly node: string; readonly shape?: TrackShape | undefined },
  ): void {
    const { producerId } = info;
    const known = this.#tracks.get(producerId);
    if (known !== undefined && known.node === node && known.peer.id === peerId && known.info.kind === info.kind) {
      this.#update(known, info);
      return;
    }
    if (known !== undefined) this.closed(known.peer.id, producerId);
    const { clock, events, log, options, policies, room } = this.#stage.options;
    const peer = this.#peers.get(peerId) ?? {
      media: new PeerMedia(peerId, options, { isElsewhere: true }),
      tracks: new Map(),
    };
    // Not what any node lets a peer do; one that goes to another node is heard from both for a moment.
    if (peer.tracks.size >= 2 * options.maxProducersPerPeer || this.#stage.producers.has(producerId)) {
      log.warn({ room, peerId, producerId, node }, 'a track of another node is left out');
      return;
    }
    const track = new RemoteTrack({
      peer: peer.media,
      node,
      info,
      mimeType: shape?.mimeType,
      clock,
      make: (made) => this.#make(made),
      onShown: (spatialLayer) =>
        this.#nodes.send(node, { room, layerWanted: { producerId, spatialLayer } }, 'reliable'),
      onIdle: (copy) => this.#stage.endCopy(copy),
    });
    this.#peers.set(peerId, peer);
    peer.tracks.set(producerId, track);
    this.#tracks.set(producerId, track);
    policies.tell('remoteTrackChanged', track);
    events.emit('producerAdded', { peerId, producer: info });
  }

  closed(peerId: PeerId, producerId: string): void {
    const track = this.#peers.get(peerId)?.tracks.get(producerId);
    if (track === undefined) return;
    this.#forget(track);
    if (track.copy === undefined) this.#stage.options.events.emit('producerClosed', { peerId, producerId });
    else this.#stage.closeProducer(track.copy);
  }

  peerGone(peerId: PeerId): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    for (const track of [...peer.tracks.values()]) {
      this.#forget(track);
      if (track.copy) this.#stage.endCopy(track.copy);
    }
    this.#peers.delete(peerId);
    this.#stage.options.policies.tell('peerRemoved', peerId);
  }

  peerAt(peerId: PeerId, node: string | undefined): void {
    this.#roomNodes.peerAt(peerId, node);
  }

  ownedBy(owner: RoomOwner): void {
    this.#roomNodes.ownedBy(owner);
  }

  shapeOf(producerId: string): TrackShape | undefined {
    const producer = this.#stage.producers.get(producerId);
    return producer === undefined || producer.peer.isElsewhere ? undefined : shapeOf(producer);
  }

  /** The pipe by which tracks of a node come, for tracks that go there. */
  pipeOf(node: string, pipeId: string): StandingPipe | undefined {
    const inlet = this.#inlets.get(node);
    return inlet?.isPipe(pipeId) ? inlet.lends : undefined;
  }

  /** Tracks come by a pipe that the other node opened. */
  borrows(node: string, pipeId: string): boolean {
    const inlet = this.#inlets.get(node);
    return inlet?.isPipe(pipeId) === true && inlet.isBorrowed;
  }

  /** No track goes there any more. */
  rest(node: string): void {
    this.#inlets.get(node)?.rest();
  }

  /** The other node closed the pipe, or this one. */
  pipeClosed(node: string, pipeId: string): void {
    const inlet = this.#inlets.get(node);
    if (inlet?.isPipe(pipeId)) inlet.close();
  }

  /** It may not have heard what was told it before. */
  nodeUp(node: string): void {
    for (const track of this.#tracks.values()) if (track.node === node) track.tellAgain();
  }

  nodeBack(node: string): void {
    void this.#inlets.get(node)?.check();
  }

  nodeDied(node: string): void {
    this.#inlets.get(node)?.close();
  }

  /** A worker died, with the ends of pipes that stood there. */
  routersDied(dead: ReadonlySet<EngineRouter>): void {
    for (const inlet of [...this.#inlets.values()]) if (dead.has(inlet.router)) inlet.close();
  }

  consumerAdded({ producer }: RoomConsumer): void {
    this.#of(producer)?.look();
  }

  consumerChanged({ producer }: RoomConsumer): void {
    this.#of(producer)?.look();
  }

  consumerRemoved({ producer }: RoomConsumer): void {
    this.#of(producer)?.look();
    this.#of(producer)?.rest();
  }

  /** It is read whole, or not any more. */
  producerChanged(producer: RoomProducer): void {
    this.#of(producer)?.look();
    if (!producer.isReadWhole) this.#of(producer)?.rest();
  }

  consumerStalled({ producer }: RoomConsumer): void {
    const node = this.#tracks.get(producer.id)?.node;
    if (producer.peer.isElsewhere && node !== undefined) this.nodeBack(node);
  }

  producerRemoved(producer: RoomProducer): void {
    const { transport } = producer;
    if (!(transport instanceof Inlet)) return;
    this.#tracks.get(producer.id)?.copyEnded();
    transport.producers.delete(producer);
    transport.stop(producer.id);
    transport.rest();
  }

  close(): void {
    for (const inlet of [...this.#inlets.values()]) inlet.close();
    for (const track of this.#tracks.values()) track.copyEnded();
    this.#tracks.clear();
    this.#peers.clear();
  }

  /** Undefined: the producer is none of another node. */
  #of(producer: RoomProducer): RemoteTrack | undefined {
    return producer.peer.isElsewhere ? this.#tracks.get(producer.id) : undefined;
  }

  #update(track: RemoteTrack, info: ProducerInfo): void {
    const before = track.info;
    track.info = info;
    this.#stage.options.policies.tell('remoteTrackChanged', track);
    const { copy, peer } = track;
    if (copy === undefined) {
      if (JSON.stringify(before) === JSON.stringify(info)) return;
      this.#stage.options.events.emit('producerChanged', { peerId: peer.id, producer: info });
      return;
    }
    const { width, height } = info;
    if (width !== undefined && height !== undefined) copy.size = { width, height };
    // Of what it asks nothing is left when its worker is gone.
    copy.setPausedByOwner(info.paused).catch(() => {});
  }

  #forget(track: RemoteTrack): void {
    track.gone = true;
    const { producerId } = track.info;
    this.#tracks.delete(producerId);
    this.#peers.get(track.peer.id)?.tracks.delete(producerId);
    this.#stage.options.policies.tell('remoteTrackGone', track);
    this.#stage.silenced(producerId);
  }

  async #make(track: RemoteTrack): Promise<RoomProducer> {
    const { producerId, kind } = track.info;
    const requireWanted = () => {
      if (track.gone) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
    };
    try {
      const inlet = await this.#inletOf(track.node);
      requireWanted();
      const { engine, opened } = await inlet.receive(producerId, kind);
      if (track.gone || inlet.closed) {
        engine.close();
        inlet.stop(producerId);
        requireWanted();
        throw new AppError('MEDIA_UNAVAILABLE');
      }
      const copy = this.#toProducer(track, inlet, engine, opened);
      inlet.producers.add(copy);
      this.#stage.admitCopy(copy);
      // Its owner may have paused it during the wait.
      await copy.setPausedByOwner(track.info.paused);
      return copy;
    } catch (error) {
      requireWanted();
      throw toClientError(error);
    }
  }

  /** One for each node: whoever comes while it is being made shares it. */
  async #inletOf(node: string): Promise<Inlet> {
    const known = this.#inlets.get(node);
    if (known) return known;
    const router = this.#stage.gateway ?? (await this.#stage.openGateway());
    const { clock, room } = this.#stage.options;
    const meanwhile = this.#inlets.get(node);
    if (meanwhile) return meanwhile;
    const inlet = new Inlet({
      node,
      room,
      nodes: this.#nodes,
      clock,
      router,
      borrowed: this.#stage.nodeOutlets?.pipeTo(node),
      isLent: ({ pipeId }) => this.#stage.nodeOutlets?.goesBy(node, pipeId) ?? false,
      onLost: ({ pipeId }) => this.#stage.nodeOutlets?.closePipe(node, { room, pipeId }),
      onClosed: (ended) => this.#ended(ended),
    });
    this.#inlets.set(node, inlet);
    return inlet;
  }

  /** Who received by it consumes the same producers again. */
  #ended(inlet: Inlet): void {
    if (this.#inlets.get(inlet.node) === inlet) this.#inlets.delete(inlet.node);
    for (const copy of [...inlet.producers]) this.#stage.endCopy(copy, 'restart');
    if (inlet.isBorrowed) this.#stage.nodeOutlets?.rest(inlet.node);
    else this.#stage.nodeOutlets?.closePipe(inlet.node, { room: this.#stage.options.room, pipeId: inlet.pipeId });
  }

  #toProducer(
    track: RemoteTrack,
    inlet: Inlet,
    engine: RoomProducer['engine'],
    { rtpParameters, paused: enginePaused }: OpenedTrack,
  ): RoomProducer {
    const { info, peer } = track;
    const { events, policies } = this.#stage.options;
    const { width, height } = info;
    return new RoomProducer({
      engine,
      peer,
      transport: inlet,
      kind: info.kind,
      // Locks of this node do not hold for it: its own node has decided.
      owner: '',
      source: info.source,
      rtpParameters,
      mutes: { get: () => track.mute },
      pausedByOwner: info.paused,
      size: width !== undefined && height !== undefined ? { width, height } : undefined,
      encrypted: info.encrypted,
      enginePaused,
      onChanged: (changed) => {
        policies.tell('producerChanged', changed);
        events.emit('producerChanged', { peerId: peer.id, producer: changed.info });
      },
      onReaders: (read) => policies.tell('producerChanged', read),
    });
  }
}
