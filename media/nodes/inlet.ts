import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { EngineNodePipe, EngineProducer, EngineRouter, NodePipeEnd } from '../engine.ts';
import type { RoomProducer, TrackOrigin } from '../room-objects.ts';
import { askNode } from './ask-node.ts';
import type { OpenedTrack, OtherNodes } from './node-tracks.ts';

/** What is switched off and on again keeps its pipe. */
const idleMs = 5_000;

interface InletParts {
  readonly node: string;
  readonly room: string;
  readonly nodes: OtherNodes;
  readonly clock: Clock;
  readonly router: EngineRouter;
  /** Told once. Its tracks are closed by whoever made them. */
  readonly onClosed: (inlet: Inlet) => void;
}

interface Opened {
  readonly pipe: EngineNodePipe;
  readonly other: NodePipeEnd;
}

/** Where the tracks of one other node come into a room: one pipe, which closes some time after its last track. */
export class Inlet implements TrackOrigin {
  readonly node: string;
  readonly router: EngineRouter;
  readonly producers = new Set<RoomProducer>();
  readonly engine = { selectedProtocol: 'udp' } as const;
  closed = false;
  readonly #parts: InletParts;
  readonly #pipeId = randomUUID();
  readonly #opened: Promise<Opened>;
  /** Tracks that are being opened. */
  #opening = 0;
  #idle: Timer | undefined;
  #checking = false;

  constructor(parts: InletParts) {
    this.#parts = parts;
    this.node = parts.node;
    this.router = parts.router;
    this.#opened = this.#open();
    // Whoever opens a track hears why.
    this.#opened.catch(() => this.close());
  }

  /** A producer of the inlet's router, with the id that it has at home. @throws {AppError} */
  async receive(
    producerId: string,
    kind: RoomProducer['kind'],
  ): Promise<{ engine: EngineProducer; opened: OpenedTrack }> {
    this.#idle?.cancel();
    this.#opening += 1;
    try {
      const { pipe } = await this.#opened;
      const track = { room: this.#parts.room, pipeId: this.#pipeId, producerId };
      const opened = await this.#ask(() => this.#parts.nodes.tracks.openTrack(this.node, track));
      // The other node and this one do not speak of the same track.
      if (opened.kind !== kind) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
      if (this.closed) throw new AppError('MEDIA_UNAVAILABLE');
      return { engine: await pipe.receive({ ...opened, id: producerId }), opened };
    } catch (error) {
      // It lost its end: the next one who asks gets another pipe.
      if (error instanceof AppError && error.reason === 'TRANSPORT_NOT_FOUND') this.close();
      this.stop(producerId);
      throw error;
    } finally {
      this.#opening -= 1;
      this.rest();
    }
  }

  /** The other node need not send it any more. */
  stop(producerId: string): void {
    if (this.closed) return;
    const track = { room: this.#parts.room, pipeId: this.#pipeId, producerId };
    // It is sent in vain until the pipe closes, if this does not arrive.
    this.#parts.nodes.tracks.closeTrack(this.node, track).catch(() => {});
  }

  /** Closes after a while, unless it is used again. */
  rest(): void {
    this.#idle?.cancel();
    if (this.closed) return;
    this.#idle = this.#parts.clock.after(idleMs, () => {
      if (this.producers.size === 0 && this.#opening === 0) this.close();
    });
  }

  /** The other node may have lost its end, as one that was not heard of for a while, or whose tracks do not flow. */
  async check(): Promise<void> {
    if (this.#checking || this.closed) return;
    this.#checking = true;
    try {
      const { pipe, other } = await this.#opened;
      const now = await this.#ask(() => this.#askForPipe(pipe));
      if (now.keyBase64 !== other.keyBase64 || now.port !== other.port) this.close();
    } catch (error) {
      // One that does not answer may be back with all that it had.
      if (!(error instanceof AppError && error.reason === 'NODE_UNREACHABLE')) this.close();
    } finally {
      this.#checking = false;
    }
  }

  /** The other node closed the pipe. */
  isPipe(pipeId: string): boolean {
    return this.#pipeId === pipeId;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#idle?.cancel();
    this.#opened.then(
      ({ pipe }) => pipe.close(),
      () => {},
    );
    this.#parts.nodes.tracks.closePipe(this.node, { room: this.#parts.room, pipeId: this.#pipeId }).catch(() => {});
    this.#parts.onClosed(this);
  }

  async #open(): Promise<Opened> {
    const { nodes } = this.#parts;
    nodes.watch(this.node);
    const pipe = await this.router.openNodePipe(nodes.listen);
    try {
      const other = await this.#ask(() => this.#askForPipe(pipe));
      await pipe.connect(other);
      return { pipe, other };
    } catch (error) {
      pipe.close();
      throw error;
    }
  }

  #askForPipe({ end }: EngineNodePipe): Promise<NodePipeEnd> {
    const { nodes, room } = this.#parts;
    return nodes.tracks.openPipe(this.node, { room, pipeId: this.#pipeId, end });
  }

  #ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return askNode(this.#parts.clock, call);
  }
}
