// What is left of a track that is not there any more, until what takes its place is received.

import type { ConsumerView } from '../../../proto/gen/types.ts';
import type { TrackSource } from '../api.ts';
import { keptMs } from './media-path.ts';
import type { ReceivedTrack } from './remote-track.ts';

/** What is received in place of a track until that comes itself. */
export interface Predecessor {
  /** Undefined: there is nothing of it to show. */
  readonly track: ReceivedTrack | undefined;
  end(): void;
}

interface LegacyParts {
  readonly peerId: string;
  readonly source: TrackSource;
  /** How the application wants it. */
  readonly wanted: boolean;
  readonly view: ConsumerView | undefined;
  /** What it shows, the newest last. */
  readonly shown: readonly Predecessor[];
}

/** Lasts no longer than a node keeps the media of somebody who went on from there. */
export class Legacy implements Predecessor {
  readonly peerId: string;
  readonly source: TrackSource;
  readonly wanted: boolean;
  readonly view: ConsumerView | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  #shown: readonly Predecessor[];
  #ended = false;

  constructor({ peerId, source, wanted, view, shown }: LegacyParts) {
    this.peerId = peerId;
    this.source = source;
    this.wanted = wanted;
    this.view = view;
    this.#shown = shown;
    this.#timer = setTimeout(() => this.end(), keptMs);
  }

  get ended(): boolean {
    return this.#ended;
  }

  get track(): ReceivedTrack | undefined {
    return this.#shown.findLast(({ track }) => track !== undefined)?.track;
  }

  isOf(peerId: string, source: TrackSource): boolean {
    return this.peerId === peerId && this.source === source;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    const shown = this.#shown;
    this.#shown = [];
    for (const predecessor of shown) predecessor.end();
  }
}
