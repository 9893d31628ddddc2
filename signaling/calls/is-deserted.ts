import type { LiveCall } from './live-call.ts';

/** Nobody is left to speak to. In a room of others, those who are there without the call count too. */
export function isDeserted({ legs, answered, caller, parts: { ownsRoom, roomSize } }: LiveCall): boolean {
  const awaited = legs.filter((leg) => leg.isAwaited);
  const isAwaited = awaited.length > 0;
  // Whoever hands the others on stays for nobody.
  const waiting = answered.filter((leg) => !awaited.some(({ outcome }) => outcome?.insteadOf === leg));
  if (ownsRoom) return isAwaited ? waiting.length === 0 && !caller?.isAwaited : answered.length < 2;
  if (isAwaited) return false;
  return answered.every(({ stays }) => stays) || Math.max(roomSize() ?? 0, answered.length) < 2;
}
