import { randomUUID } from 'node:crypto';
import type { Clock, Timer } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { EngineNodePipe, EngineProducer, EngineRouter, NodePipeEnd } from '../engine.ts';
import type { RoomProducer, TrackOrigin } from '../room-objects.ts';
import { askNode } from './ask-node.ts';
import type { OpenedTrack, OtherNodes } from './node-tracks.ts';

/** What is switched off and on again keeps its pipe. */
const idleMs = 5_000;

/** A pipe that stands already. */
export interface StandingPipe {
  readonly pipeId: string;
  readonly pipe: Promise<EngineNodePipe>;
  readonly router: EngineRouter;
}

interface InletParts {
  readonly node: string;
  readonly room: string;
  readonly nodes: OtherNodes;
  readonly clock: Clock;
  readonly router: EngineRouter;
  /** One that the other node opened, by which tracks come as well; it is none of the inlet's to close. */
  readonly borrowed: StandingPipe | undefined;
  /** Tracks of this node go by the inlet's pipe. */
  readonly isLent: (inlet: Inlet) => boolean;
  /** The other node does not know a pipe that it had opened. */
  readonly onLost: (inlet: Inlet) => void;
  /** Told once. Its tracks are closed by whoever made them. */
  readonly onClosed: (inlet: Inlet) => void;
}

interface Opened {
  readonly pipe: EngineNodePipe;
  /** Undefined: borrowed. */
  readonly other: NodePipeEnd | undefined;
}

/** Where the tracks of one other node come into a room: one pipe, which closes some time after its last track. */
export class Inlet implements TrackOrigin {
  readonly node: string;
  readonly router: EngineRouter;
  readonly producers = new Set<RoomProducer>();
  readonly engine = { selectedProtocol: 'udp' } as const;
  closed = false;
  readonly #parts: InletParts;
  readonly pipeId: string;
  readonly #opened: Promise<Opened>;
  /** Tracks that are being opened. */
  #opening = 0;
  #idle: Timer | undefined;
  #checking = false;

  constructor(parts: InletParts) {
    this.#parts = parts;
    this.node = parts.node;
    const { borrowed } = parts;
    this.router = borrowed?.router ?? parts.router;
    this.pipeId = borrowed?.pipeId ?? randomUUID();
    this.#opened = borrowed ? borrowed.pipe.then((pipe) => ({ pipe, other: undefined })) : this.#open();
    // Whoever opens a track hears why.
    this.#opened.catch(() => this.close());
  }

  get isBorrowed(): boolean {
    return this.#parts.borrowed !== undefined;
  }

  /** For tracks of this node. Undefined: it is not this inlet's to lend. */
  get lends(): StandingPipe | undefined {
    if (this.isBorrowed || this.closed) return undefined;
    return { pipeId: this.pipeId, pipe: this.#opened.then(({ pipe }) => pipe), router: this.router };
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
      const track = { room: this.#parts.room, pipeId: this.pipeId, producerId };
      const opened = await this.#ask(() => this.#parts.nodes.tracks.openTrack(this.node, track));
      // The other node and this one do not speak of the same track.
      if (opened.kind !== kind) throw new AppError('PRODUCER_NOT_FOUND', { producerId });
      if (this.closed) throw new AppError('MEDIA_UNAVAILABLE');
      return { engine: await pipe.receive({ ...opened, id: producerId }), opened };
    } catch (error) {
      // It lost its end: the next one who asks gets another pipe.
      if (isPipeLost(error)) this.#lost();
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
    const track = { room: this.#parts.room, pipeId: this.pipeId, producerId };
    // It is sent in vain until the pipe closes, if this does not arrive.
    this.#parts.nodes.tracks.closeTrack(this.node, track).catch(() => {});
  }

  /** Closes after a while, unless it is used again. */
  rest(): void {
    this.#idle?.cancel();
    if (this.closed) return;
    this.#idle = this.#parts.clock.after(idleMs, () => {
      const isLent = !this.isBorrowed && this.#parts.isLent(this);
      if (this.producers.size === 0 && this.#opening === 0 && !isLent) this.close();
    });
  }

  /** The other node may have lost its end, as one that was not heard of for a while, or whose tracks do not flow. */
  async check(): Promise<void> {
    if (this.#checking || this.closed) return;
    this.#checking = true;
    try {
      const { pipe, other } = await this.#opened;
      if (other === undefined) {
        await this.#checkBorrowed();
        return;
      }
      const now = await this.#ask(() => this.#askForPipe(pipe));
      if (now.keyBase64 !== other.keyBase64 || now.port !== other.port) this.close();
    } catch (error) {
      // One that does not answer may be back with all that it had.
      if (!(error instanceof AppError && error.reason === 'NODE_UNREACHABLE')) {
        if (!this.isBorrowed) this.close();
        else if (isPipeLost(error)) this.#lost();
      }
    } finally {
      this.#checking = false;
    }
  }

  /** The other node closed the pipe. */
  isPipe(pipeId: string): boolean {
    return this.pipeId === pipeId;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.#idle?.cancel();
    if (!this.isBorrowed) {
      this.#opened.then(
        ({ pipe }) => pipe.close(),
        () => {},
      );
      this.#parts.nodes.tracks.closePipe(this.node, { room: this.#parts.room, pipeId: this.pipeId }).catch(() => {});
    }
    this.#parts.onClosed(this);
  }

  /** What went by it is lost as well. */
  #lost(): void {
    if (this.isBorrowed && !this.closed) this.#parts.onLost(this);
    this.close();
  }

  /** What is there is opened once: asking again for a track does nothing but show that the other node has the pipe. */
  async #checkBorrowed(): Promise<void> {
    const [producer] = this.producers;
    if (producer === undefined) return;
    const track = { room: this.#parts.room, pipeId: this.pipeId, producerId: producer.id };
    await this.#ask(() => this.#parts.nodes.tracks.openTrack(this.node, track));
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
    return nodes.tracks.openPipe(this.node, { room, pipeId: this.pipeId, end });
  }

  #ask<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    return askNode(this.#parts.clock, call);
  }
}

function isPipeLost(error: unknown): boolean {
  return error instanceof AppError && error.reason === 'TRANSPORT_NOT_FOUND';
}
