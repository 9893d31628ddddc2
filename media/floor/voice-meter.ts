/** Quieter than this (dBov) is the noise of a room. */
const thresholdDbov = -50;
/** So far above it one packet is enough to be heard; otherwise it takes two that follow each other. */
const certainDb = 12;
/** Longer without a packet is silence: an encoder with DTX sends none. */
const gapMs = 60;
/** Of what a packet adds to the level while it rises and while it falls: packets come each 20 ms. */
const attack = 0.5;
const release = 0.1;
/** What is quieter is all the same. */
export const quietestDbov = thresholdDbov - 10;

/** How loud one voice is, from the levels of its packets. */
export class VoiceMeter {
  /** When it was last more than noise; -Infinity: never. */
  lastHeardAtMs = Number.NEGATIVE_INFINITY;
  #levelDbov = quietestDbov;
  #lastPacketAtMs = Number.NEGATIVE_INFINITY;
  #lastLoudAtMs = Number.NEGATIVE_INFINITY;

  /** Takes the level of one packet; answers whether the voice is heard now. */
  add(levelDbov: number, nowMs: number): boolean {
    const before = this.levelAt(nowMs);
    const now = Math.max(levelDbov, quietestDbov);
    this.#levelDbov = before + (now - before) * (now > before ? attack : release);
    this.#lastPacketAtMs = nowMs;
    if (levelDbov < thresholdDbov) return false;
    const follows = nowMs - this.#lastLoudAtMs <= gapMs;
    this.#lastLoudAtMs = nowMs;
    if (!follows && levelDbov < thresholdDbov + certainDb) return false;
    this.lastHeardAtMs = nowMs;
    return true;
  }

  /** Smoothed over about 200 ms, in dBov. */
  levelAt(nowMs: number): number {
    return nowMs - this.#lastPacketAtMs > gapMs ? quietestDbov : this.#levelDbov;
  }
}
