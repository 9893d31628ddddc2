// @ts-check
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPage, pageIsBuilt } from './build-page.mjs';
import { buildServer, serverIsBuilt } from './build-server.mjs';
import { buildToolsAreNotNeeded, installBuildTools } from './build-tools-step.mjs';
import { SetupFailure } from './failure.mjs';
import { requireNode } from './node-version.mjs';
import { installNpmPackages, npmPackagesAreInstalled } from './npm-packages.mjs';
import { installSqlite, sqliteIsInstalled } from './sqlite-step.mjs';
import { missingPackages, testPackages } from './system-packages.mjs';
import { installSystemPackages } from './system-packages-step.mjs';
import { downloadIsNotNeeded, downloadWorker, installWorker, workerIsInstalled } from './worker-step.mjs';

/** @typedef {import('./session.mjs').SetupStep} SetupStep */

/** @type {SetupStep[]} */
export const buildSteps = [
  { name: 'server', isDone: serverIsBuilt, run: buildServer },
  { name: 'web page', isDone: pageIsBuilt, run: buildPage },
];

/** @type {SetupStep[]} */
export const startSteps = [
  {
    name: 'Node.js',
    isDone: ({ paths }) => {
      requireNode({ required: JSON.parse(readFileSync(join(paths.root, 'package.json'), 'utf8')).engines.node });
      return true;
    },
    run: async () => {},
  },
  { name: 'npm packages', needs: ['Node.js'], isDone: npmPackagesAreInstalled, run: installNpmPackages },
  { name: 'worker download', needs: ['Node.js'], isDone: downloadIsNotNeeded, run: downloadWorker },
  {
    name: 'build tools',
    needs: ['worker download'],
    finishes: true,
    isDone: buildToolsAreNotNeeded,
    run: installBuildTools,
  },
  { name: 'mediasoup worker', needs: ['npm packages', 'build tools'], isDone: workerIsInstalled, run: installWorker },
  // After "build tools" only because apt works for one at a time.
  { name: 'SQLite', needs: ['npm packages', 'build tools'], isDone: sqliteIsInstalled, run: installSqlite },
  ...buildSteps.map((step) => ({ ...step, needs: ['npm packages'] })),
];

/**
 * Tools that only tests use. Without one, its tests are skipped with the reason, so a machine that cannot have it still tests everything else;
 * where `PARLEY_REQUIRE` names what they prove, it is a failure.
 *
 * @type {SetupStep[]}
 */
const testTools = Object.entries(testPackages).map(([capability, packages]) => ({
  name: `test tools: ${capability}`,
  // apt works for one at a time.
  needs: ['build tools'],
  finishes: true,
  isDone: () => missingPackages(packages).length === 0,
  run: async (context) => {
    try {
      return await installSystemPackages(packages, {
        purpose: `for tests of "${capability}"`,
        log: `apt-${capability}`,
        context,
      });
    } catch (error) {
      const required = (context.env['PARLEY_REQUIRE'] ?? '').split(',').map((word) => word.trim());
      if (!(error instanceof SetupFailure) || required.includes(capability)) throw error;
      context.warn(`${error.message} Its tests are skipped. To have them run:  ${error.mend}`);
      return 'skipped';
    }
  },
}));

/** @type {SetupStep[]} */
export const testSteps = [...startSteps, ...testTools];
