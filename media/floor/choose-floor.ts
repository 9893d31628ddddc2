// Who has the floor: the few voices of a room that are forwarded.

export interface Voice {
  readonly id: string;
  /** Smoothed; 0 is the loudest that there is (RFC 6464 counts down from there). */
  readonly levelDbov: number;
  /** When it was last more than noise; -Infinity: never. */
  readonly lastHeardAtMs: number;
  /** Undefined: it does not have the floor. */
  readonly onFloorSinceMs: number | undefined;
}

export interface FloorRules {
  /** Voices that have the floor at once. */
  readonly size: number;
  /** Who was not heard for so long gives way to anybody. */
  readonly hangOverMs: number;
  /** Nobody who is heard loses the floor sooner to a louder one. */
  readonly minHoldMs: number;
  /** How much louder that has to be. */
  readonly marginDb: number;
  /** Who asks for the floor was heard so recently. */
  readonly contendMs: number;
}

export interface FloorChange {
  readonly enter: readonly string[];
  readonly leave: readonly string[];
  /** Somebody was heard and did not get the floor. */
  readonly contested: boolean;
}

/**
 * Those who have the floor keep it until somebody needs their place, so a silent room changes nothing. A free place, and that
 * of somebody who fell silent, is anybody's at once; of those who all speak, the quietest gives way to one who is clearly
 * louder.
 */
export function chooseFloor(voices: readonly Voice[], rules: FloorRules, nowMs: number): FloorChange {
  const members = voices.filter((voice) => voice.onFloorSinceMs !== undefined);
  const contenders = voices
    .filter((voice) => voice.onFloorSinceMs === undefined && nowMs - voice.lastHeardAtMs <= rules.contendMs)
    .sort(byLoudness);
  // The first to go stands last: who is silent, the longest first, then the quietest.
  const givingWay = members
    .filter((voice) => isSilent(voice, rules, nowMs) || nowMs - (voice.onFloorSinceMs ?? 0) >= rules.minHoldMs)
    .sort(
      (one, other) =>
        Number(isSilent(one, rules, nowMs)) - Number(isSilent(other, rules, nowMs)) ||
        (isSilent(one, rules, nowMs) ? other.lastHeardAtMs - one.lastHeardAtMs || 0 : byLoudness(one, other)),
    );
  let free = rules.size - members.length;
  const enter: string[] = [];
  const leave: string[] = [];
  for (const contender of contenders) {
    if (free > 0) {
      free -= 1;
    } else {
      const last = givingWay.at(-1);
      const gives = last && (isSilent(last, rules, nowMs) || contender.levelDbov - last.levelDbov > rules.marginDb);
      // Those who follow are no louder.
      if (!gives) return { enter, leave, contested: true };
      givingWay.pop();
      leave.push(last.id);
    }
    enter.push(contender.id);
  }
  return { enter, leave, contested: false };
}

function isSilent(voice: Voice, { hangOverMs }: FloorRules, nowMs: number): boolean {
  return nowMs - voice.lastHeardAtMs > hangOverMs;
}

function byLoudness(one: Voice, other: Voice): number {
  return other.levelDbov - one.levelDbov;
}
