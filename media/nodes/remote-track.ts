import type { Clock, Timer } from '../../core/clock.ts';
import type { ProducerInfo, RtpCapabilities } from '../../proto/gen/types.ts';
import { highestShown } from '../layers/shown-layer.ts';
import type { Mute } from '../mutes.ts';
import type { PeerMedia } from '../peer-media.ts';
import type { RoomProducer } from '../room-objects.ts';
import { ShownHere } from './shown-here.ts';

/** What is switched off and on again is still there. */
const idleMs = 5_000;

interface RemoteTrackParts {
  readonly peer: PeerMedia;
  /** The life that it comes from. */
  readonly node: string;
  readonly info: ProducerInfo;
  readonly mimeType: string | undefined;
  readonly clock: Clock;
  readonly make: (track: RemoteTrack) => Promise<RoomProducer>;
  /** How much of its copy is shown here; -1: nothing. */
  readonly onShown: (layer: number) => void;
  /** Nobody uses it here any more. */
  readonly onIdle: (copy: RoomProducer) => void;
}

/** A track of a peer on another node: known from the moment that the node tells of it, here as a copy while somebody uses it. */
export class RemoteTrack {
  readonly peer: PeerMedia;
  readonly node: string;
  /** As its node says it. */
  info: ProducerInfo;
  gone = false;
  readonly #parts: RemoteTrackParts;
  #copy: RoomProducer | undefined;
  #shown: ShownHere | undefined;
  readonly #onCopyEnds = new Set<() => void>();
  #making: Promise<RoomProducer> | undefined;
  /** Those who wait for it, or have not entered it in their books yet. */
  #takers = 0;
  #idle: Timer | undefined;

  constructor(parts: RemoteTrackParts) {
    this.#parts = parts;
    this.peer = parts.peer;
    this.node = parts.node;
    this.info = parts.info;
  }

  get copy(): RoomProducer | undefined {
    return this.#copy;
  }

  /** Mutes as its own node has decided them. */
  get mute(): Mute {
    if (this.info.locked) return 'locked';
    return this.info.muted ? 'muted' : 'none';
  }

  /** As far as its node has said what it is. */
  canBeReceived({ codecs }: RtpCapabilities): boolean {
    const mimeType = this.#parts.mimeType?.toLowerCase();
    return mimeType === undefined || codecs.some((codec) => codec.mimeType.toLowerCase() === mimeType);
  }

  /** Its copy, made by the first. Each call is followed by one of `release`, also when it rejects. */
  async take(): Promise<RoomProducer> {
    this.#takers += 1;
    this.#idle?.cancel();
    this.#making ??= this.#make();
    return this.#making;
  }

  release(): void {
    this.#takers -= 1;
    this.rest();
  }

  /** Closes the copy after a while, unless it is used by then. */
  rest(): void {
    this.#idle?.cancel();
    const copy = this.#copy;
    if (copy === undefined) return;
    this.#idle = this.#parts.clock.after(idleMs, () => {
      const isUsed = copy.consumers.size > 0 || copy.isReadWhole || this.#takers > 0;
      if (!copy.closed && !isUsed) this.#parts.onIdle(copy);
    });
  }

  /** Its copy is received, shown or read otherwise than before. */
  look(): void {
    this.#shown?.look();
  }

  /** Frames are taken by its node again. */
  tellAgain(): void {
    this.#shown?.again();
  }

  /** Told once, when the copy that is here now has ended. Answers how to stop. */
  onceCopyEnds(listener: () => void): () => void {
    this.#onCopyEnds.add(listener);
    return () => this.#onCopyEnds.delete(listener);
  }

  /** The copy is no more; the next one who takes it gets another. */
  copyEnded(): void {
    this.#idle?.cancel();
    this.#shown?.close();
    this.#shown = undefined;
    this.#copy = undefined;
    this.#making = undefined;
    const listeners = [...this.#onCopyEnds];
    this.#onCopyEnds.clear();
    for (const listener of listeners) listener();
  }

  async #make(): Promise<RoomProducer> {
    const making = this.#parts.make(this);
    const { clock, onShown } = this.#parts;
    try {
      const copy = await making;
      this.#copy = copy;
      this.#shown = new ShownHere({ clock, shown: () => highestShown(copy), tell: onShown });
      this.#shown.look();
      return copy;
    } catch (error) {
      this.#making = undefined;
      throw error;
    }
  }
}
