/** 0 to 1, as statistics have it: some -40 dBov. */
const audible = 0.01;
/** Between words nobody stops speaking. */
const hangOverMs = 1_000;

/** Who of a direct call speaks: the server, which says so otherwise, does not hear it. */
export class DirectVoices {
  readonly #heardAtMs = new Map<string, number>();
  #speakers: readonly string[] = [];

  /** Answers the speakers, the loudest first, when they are others than before. */
  add(levels: ReadonlyMap<string, number>, nowMs: number): readonly string[] | undefined {
    for (const [peerId, level] of levels) if (level >= audible) this.#heardAtMs.set(peerId, nowMs);
    const speakers = [...levels]
      .filter(([peerId]) => nowMs - (this.#heardAtMs.get(peerId) ?? Number.NEGATIVE_INFINITY) < hangOverMs)
      .sort(([, one], [, other]) => other - one)
      .map(([peerId]) => peerId);
    if (speakers.join() === this.#speakers.join()) return undefined;
    this.#speakers = speakers;
    return speakers;
  }
}

interface Entry {
  readonly type: string;
  readonly kind?: string;
  readonly audioLevel?: number;
  readonly trackIdentifier?: string;
}

/** The levels of tracks by their ids, as far as the platform tells. */
export function readLevels(report: RTCStatsReport): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  report.forEach(({ type, kind, audioLevel, trackIdentifier }: Entry) => {
    if ((type !== 'inbound-rtp' && type !== 'media-source') || kind !== 'audio') return;
    if (trackIdentifier !== undefined && audioLevel !== undefined) levels.set(trackIdentifier, audioLevel);
  });
  return levels;
}
