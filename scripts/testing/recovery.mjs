// @ts-check

/**
 * What one fault came to once, as test/chaos writes it.
 * @typedef {object} Round
 * @property {string} fault
 * @property {string} about in words
 * @property {number} chatMs
 * @property {number} mediaMs
 * @property {number} membersMs
 * @property {number} lost
 * @property {number} doubled
 * @property {number} reordered
 * @property {number} gaps
 */

/** @typedef {{ p50: number, worst: number }} Times milliseconds */

/**
 * Of all its rounds together; bench/results/recovery.json is a list of these.
 * @typedef {object} Recovery
 * @property {string} fault
 * @property {string} about
 * @property {number} rounds
 * @property {Times} chatMs until what everybody said had reached all others
 * @property {Times} mediaMs until all voices were heard again; 0: none was silent for a second
 * @property {Times} membersMs until everybody saw exactly those who are there
 * @property {number} lost acknowledged messages that a reader was told neither of nor of a gap
 * @property {number} doubled
 * @property {number} reordered
 * @property {number} gaps readers that were told of one
 */

/** @param {readonly Round[]} rounds @returns {Recovery[]} in the order of the faults' names */
export function toRecoveries(rounds) {
  const faults = [...new Set(rounds.map(({ fault }) => fault))].sort();
  return faults.map((fault) => toRecovery(rounds.filter((round) => round.fault === fault)));
}

/** @param {readonly Round[]} rounds @returns {Recovery} */
function toRecovery(rounds) {
  const [first] = rounds;
  const sum = (/** @type {'lost' | 'doubled' | 'reordered' | 'gaps'} */ what) =>
    rounds.reduce((total, round) => total + round[what], 0);
  return {
    fault: first?.fault ?? '',
    about: first?.about ?? '',
    rounds: rounds.length,
    chatMs: toTimes(rounds.map(({ chatMs }) => chatMs)),
    mediaMs: toTimes(rounds.map(({ mediaMs }) => mediaMs)),
    membersMs: toTimes(rounds.map(({ membersMs }) => membersMs)),
    lost: sum('lost'),
    doubled: sum('doubled'),
    reordered: sum('reordered'),
    gaps: sum('gaps'),
  };
}

/** @param {readonly number[]} values @returns {Times} */
function toTimes(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return { p50: sorted[Math.ceil(sorted.length / 2) - 1] ?? 0, worst: sorted.at(-1) ?? 0 };
}

/**
 * Those of this run in place of older ones of the same faults.
 * @param {readonly Recovery[]} older @param {readonly Recovery[]} newer @returns {Recovery[]}
 */
export function mergeRecoveries(older, newer) {
  const faults = new Set(newer.map(({ fault }) => fault));
  const kept = older.filter(({ fault }) => !faults.has(fault));
  return [...kept, ...newer].sort((one, other) => (one.fault < other.fault ? -1 : 1));
}

const heads = [
  'fault',
  'rounds',
  'messages flow',
  'voices heard',
  'members seen',
  'lost',
  'doubled',
  'reordered',
  'gaps',
];

/** @param {readonly Recovery[]} recoveries @returns {string} a table for people */
export function formatRecoveries(recoveries) {
  const seconds = (/** @type {Times} */ { p50, worst }) => `${inSeconds(p50)} (${inSeconds(worst)}) s`;
  const rows = recoveries.map(({ about, rounds, chatMs, mediaMs, membersMs, lost, doubled, reordered, gaps }) => [
    about,
    ...[rounds, seconds(chatMs), seconds(mediaMs), seconds(membersMs), lost, doubled, reordered, gaps].map(String),
  ]);
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = [heads, ...rows].map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, '', 'Times: the median and, in brackets, the worst round.'].join('\n');
}

/** @param {number} ms */
const inSeconds = (ms) => (ms / 1_000).toFixed(1);
