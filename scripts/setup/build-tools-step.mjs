// @ts-check
import { sqliteIsAtHand } from './sqlite-step.mjs';
import { missingPackages, sqlitePackages, workerPackages } from './system-packages.mjs';
import { installSystemPackages } from './system-packages-step.mjs';
import { workerIsAtHand } from './worker-step.mjs';

/** @typedef {import('./context.mjs').StepContext} StepContext */

/**
 * SQLite's tools alone are no reason for this step: a prebuilt binding may be had once npm's packages are there, and its own step asks for
 * them where it may not.
 * @param {StepContext} context
 */
export function buildToolsAreNotNeeded(context) {
  return workerIsAtHand(context) || missingPackages(workerPackages).length === 0;
}

/** Where a person must install by hand, one command should do for all. @param {StepContext} context */
export function installBuildTools(context) {
  const withSqlite = !sqliteIsAtHand(context);
  return installSystemPackages(withSqlite ? [...new Set([...workerPackages, ...sqlitePackages])] : workerPackages, {
    purpose: withSqlite ? 'to build the mediasoup worker and SQLite' : 'to build the mediasoup worker',
    log: 'apt-worker',
    context,
  });
}
