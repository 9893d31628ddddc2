// @ts-check
import { relative } from 'node:path';
import { writeJson } from '../setup/json-file.mjs';

/** @typedef {import('vitest/node').Reporter} Reporter */

// What vitest says of a process that ended by itself. It names neither the file nor the signal.
const processEnded = '[vitest-pool]: Worker forks emitted error.';

/** Writes the tally of a run to the file that `PARLEY_TALLY` names. @implements {Reporter} */
export default class TallyReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<import('vitest').SerializedError>} errors
   */
  onTestRunEnd(modules, errors) {
    const path = process.env['PARLEY_TALLY'];
    if (!path) return;
    writeJson(path, countTests(modules, errors));
  }
}

/**
 * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
 * @param {ReadonlyArray<import('vitest').SerializedError>} errors
 * @returns {import('./tally.mjs').Tally}
 */
function countTests(modules, errors) {
  const tally = { passed: 0, failed: 0, skipped: 0, died: [], otherErrors: 0 };
  const ends = errors.filter(({ message }) => message === processEnded).length;
  /** @type {import('./tally.mjs').DeadFile[]} */
  const died = [];
  for (const module of modules) {
    const tests = [...module.children.allTests()];
    const unended = tests.find((test) => test.result().state === 'pending');
    // Of a file whose process ended before it had told its tests, nothing is known but that it waits.
    if (unended ?? (ends > 0 && ['pending', 'queued'].includes(module.state()))) {
      const during = unended?.fullName ?? 'its start';
      died.push({ file: relative(process.cwd(), module.moduleId), during });
      continue;
    }
    if (module.state() === 'failed' && tests.length === 0) tally.failed += 1;
    for (const test of tests) {
      const { state } = test.result();
      if (state !== 'pending') tally[state] += 1;
    }
  }
  return { ...tally, died, otherErrors: errors.length - ends };
}
