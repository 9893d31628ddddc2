import type { types } from 'mediasoup';
import type { Logger } from '../../core/log.ts';

/** How often the workers look at volumes. */
const intervalMs = 500;
/** Quieter than this (dBov, RFC 6464) is a room with nobody speaking in it. */
const thresholdDbov = -55;
/** Voices that are told apart in one interval. */
const maxVoices = 10;

export interface SpeakerListener {
  readonly onChanged: (producerId: string | undefined) => void;
  /** The loudest first. */
  readonly onVoices: (voices: readonly { readonly producerId: string; readonly levelDbov: number }[]) => void;
}

/**
 * Whose voice is the loudest. mediasoup has two observers, and each tells half of it: the active speaker observer
 * follows turns in a conversation well, but names somebody even when all are silent and says nothing when the same
 * speaker starts again; the audio level observer knows who is heard at all.
 *
 * Both read the header extension of RFC 6464, so producers without it are never heard here.
 */
export class Speakers {
  readonly #turns: types.ActiveSpeakerObserver;
  readonly #levels: types.AudioLevelObserver;
  readonly #log: Logger;
  readonly #onChanged: SpeakerListener['onChanged'];
  #dominant: string | undefined;
  /** Loudest first. */
  #heard: readonly string[] = [];
  #current: string | undefined;

  private constructor(
    turns: types.ActiveSpeakerObserver,
    levels: types.AudioLevelObserver,
    log: Logger,
    { onChanged, onVoices }: SpeakerListener,
  ) {
    this.#turns = turns;
    this.#levels = levels;
    this.#log = log;
    this.#onChanged = onChanged;
    turns.on('dominantspeaker', ({ producer }) => {
      this.#dominant = producer.id;
      this.#choose();
    });
    levels.on('volumes', (volumes) => {
      this.#heard = volumes.map(({ producer }) => producer.id);
      onVoices(volumes.map(({ producer, volume }) => ({ producerId: producer.id, levelDbov: volume })));
      this.#choose();
    });
    levels.on('silence', () => {
      this.#heard = [];
      onVoices([]);
      this.#choose();
    });
  }

  static async observe(router: types.Router, log: Logger, listener: SpeakerListener): Promise<Speakers> {
    const [turns, levels] = await Promise.all([
      router.createActiveSpeakerObserver({ interval: intervalMs }),
      router.createAudioLevelObserver({ maxEntries: maxVoices, threshold: thresholdDbov, interval: intervalMs }),
    ]);
    return new Speakers(turns, levels, log, listener);
  }

  /** Listens to a producer until it closes. Not being able to costs the speaker's frame and nothing else. */
  add(producerId: string): void {
    for (const observer of [this.#turns, this.#levels]) {
      observer.addProducer({ producerId }).catch((error: unknown) => {
        this.#log.debug({ producerId, err: error }, 'a producer is not listened to');
      });
    }
  }

  /** Whoever has the turn, as long as they are heard; then who had it; then the loudest. */
  #choose(): void {
    const heard = new Set(this.#heard);
    const next = [this.#dominant, this.#current, this.#heard[0]].find((id) => id !== undefined && heard.has(id));
    if (next === this.#current) return;
    this.#current = next;
    this.#onChanged(next);
  }
}
