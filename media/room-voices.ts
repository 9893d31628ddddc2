import type { PeerId } from '../core/ids.ts';
import type { EngineRouter } from './engine.ts';
import type { TrackSource } from './media.ts';

export interface Voice {
  readonly producerId: string;
  readonly levelDbov: number;
}

/** A voice of somebody in the room, on this node or another one. */
export interface HeardVoice extends Voice {
  readonly peerId: PeerId;
  readonly source: TrackSource;
}

interface Heard {
  /** The loudest first. */
  voices: readonly Voice[];
  /** Whose turn it is among them. */
  speaker: string | undefined;
}

/** Who hears: a router of this node, or another node. */
type Ear = EngineRouter | string;

/** So much louder is who takes the turn from somebody of another router: levels of one speech differ by less. */
const takesTurnBy = 6;

interface RoomVoicesParts {
  readonly onVoices: (voices: readonly Voice[]) => void;
  readonly onSpeaker: (producerId: string | undefined) => void;
  /** Whether what routers hear of a producer counts: of copies their own node tells. */
  readonly counts: (producerId: string) => boolean;
}

/** Who is heard in a room, of what its routers hear: each hears its own producers only. */
export class RoomVoices {
  readonly #parts: RoomVoicesParts;
  readonly #heard = new Map<Ear, Heard>();
  #speaker: string | undefined;

  constructor(parts: RoomVoicesParts) {
    this.#parts = parts;
  }

  follow(router: EngineRouter): void {
    const heard: Heard = { voices: [], speaker: undefined };
    this.#heard.set(router, heard);
    router.events.on('voicesHeard', ({ voices }) => {
      if (!this.#heard.has(router)) return;
      heard.voices = voices;
      this.lookAgain();
    });
    router.events.on('speakerChanged', ({ producerId }) => {
      if (!this.#heard.has(router)) return;
      heard.speaker = producerId;
      this.#choose();
    });
  }

  /** What another node hears of its own peers. */
  hear(node: string, heard: Readonly<Heard>): void {
    this.#heard.set(node, heard);
    this.lookAgain();
  }

  /** What it heard counts no more. */
  forget(ear: Ear): void {
    if (!this.#heard.delete(ear)) return;
    if (typeof ear === 'string') this.lookAgain();
    else this.#choose();
  }

  /** Something else counts now. */
  lookAgain(): void {
    const all = this.#counted().flatMap(({ voices }) => voices);
    this.#parts.onVoices(all.sort((one, other) => other.levelDbov - one.levelDbov));
    this.#choose();
  }

  #counted(): readonly Heard[] {
    return [...this.#heard].map(([ear, { voices, speaker }]) => {
      if (typeof ear === 'string') return { voices, speaker };
      const counted = voices.filter(({ producerId }) => this.#parts.counts(producerId));
      return { voices: counted, speaker: speaker !== undefined && this.#parts.counts(speaker) ? speaker : undefined };
    });
  }

  #choose(): void {
    const speakers = this.#counted().flatMap(({ speaker, voices }) => {
      if (speaker === undefined) return [];
      const levelDbov = voices.find(({ producerId }) => producerId === speaker)?.levelDbov ?? Number.NEGATIVE_INFINITY;
      return [{ producerId: speaker, levelDbov }];
    });
    const [loudest] = speakers.sort((one, other) => other.levelDbov - one.levelDbov);
    const current = speakers.find(({ producerId }) => producerId === this.#speaker);
    if (current && loudest && loudest.levelDbov - current.levelDbov < takesTurnBy) return;
    if (loudest?.producerId === this.#speaker) return;
    this.#speaker = loudest?.producerId;
    this.#parts.onSpeaker(this.#speaker);
  }
}
