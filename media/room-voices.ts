import type { EngineRouter } from './engine.ts';

export interface Voice {
  readonly producerId: string;
  readonly levelDbov: number;
}

interface Heard {
  /** The loudest first. */
  voices: readonly Voice[];
  /** Whose turn it is among those of this router. */
  speaker: string | undefined;
}

/** So much louder is who takes the turn from somebody of another router: levels of one speech differ by less. */
const takesTurnBy = 6;

interface RoomVoicesParts {
  readonly onVoices: (voices: readonly Voice[]) => void;
  readonly onSpeaker: (producerId: string | undefined) => void;
}

/** Who is heard in a room, of what its routers hear: each hears its own producers only. */
export class RoomVoices {
  readonly #parts: RoomVoicesParts;
  readonly #heard = new Map<EngineRouter, Heard>();
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
      const all = [...this.#heard.values()].flatMap((of) => of.voices);
      this.#parts.onVoices(all.sort((one, other) => other.levelDbov - one.levelDbov));
      this.#choose();
    });
    router.events.on('speakerChanged', ({ producerId }) => {
      if (!this.#heard.has(router)) return;
      heard.speaker = producerId;
      this.#choose();
    });
  }

  /** What it heard counts no more. */
  forget(router: EngineRouter): void {
    if (this.#heard.delete(router)) this.#choose();
  }

  #choose(): void {
    const speakers = [...this.#heard.values()].flatMap(({ speaker, voices }) => {
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
