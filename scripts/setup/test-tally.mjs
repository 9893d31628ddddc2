// @ts-check

/** @typedef {{ passed: number, failed: number, skipped: number }} Tally */

/**
 * @param {any} report what vitest's JSON reporter wrote; `undefined` when it wrote nothing
 * @returns {Tally} a file that could not be loaded holds no test, and counts as one failure
 */
export function toTally(report) {
  const files = report?.testResults ?? [];
  const unloaded = files.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: report?.numPassedTests ?? 0,
    failed: (report?.numFailedTests ?? 0) + unloaded.length,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

/** @param {Tally} tally */
export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
