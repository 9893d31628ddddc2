// @ts-check

/**
 * What a run of vitest came to.
 * @typedef {object} Tally
 * @property {number} passed tests
 * @property {number} failed tests, and files that could not be loaded
 * @property {number} skipped tests
 * @property {DeadFile[]} died files whose process ended in the middle; what they had passed until then is not counted
 * @property {number} otherErrors errors outside of every test, without the ends of these processes
 */

/**
 * @typedef {object} DeadFile
 * @property {string} file from the root of the repository
 * @property {string} during the first test that did not end
 */

/** @type {Tally} of a runner that told nothing */
const nothing = { passed: 0, failed: 0, skipped: 0, died: [], otherErrors: 0 };

/** @param {Partial<Tally> | undefined} told @returns {Tally} */
export function toTally(told) {
  return { ...nothing, ...told };
}

/**
 * @param {Tally} first
 * @param {Tally} again of the files that died in the first
 * @returns {Tally}
 */
export function mergeTallies(first, again) {
  return {
    passed: first.passed + again.passed,
    failed: first.failed + again.failed,
    skipped: first.skipped + again.skipped,
    died: again.died,
    otherErrors: first.otherErrors + again.otherErrors,
  };
}

/** @param {Tally} tally */
export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
