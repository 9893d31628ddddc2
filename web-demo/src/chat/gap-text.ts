export type GapReason = 'epoch' | 'trimmed' | 'fork' | 'slow';

const why: Readonly<Record<GapReason, string>> = {
  epoch: 'The room was started anew.',
  trimmed: 'They are older than the room keeps.',
  fork: 'The server was restored from a copy.',
  slow: 'Your connection was too slow for all of them.',
};

export function gapText(reason: GapReason): string {
  return `Some messages could not be recovered. ${why[reason]}`;
}
