// @ts-check
/**
 * Makes a checkout ready: `node scripts/setup.mjs start` for the server, `node scripts/setup.mjs test` for the tests as well.
 * Runs before any package is installed, so it uses Node alone. docs/setup.md tells what each step does.
 */
import { runSession } from './setup/session.mjs';
import { startSteps, testSteps } from './setup/steps.mjs';

const modes = { start: startSteps, test: testSteps };
const mode = process.argv[2] ?? 'start';
const steps = modes[/** @type {keyof typeof modes} */ (mode)];

if (!steps) {
  process.stderr.write(`usage: node scripts/setup.mjs [${Object.keys(modes).join(' | ')}]\n`);
  process.exit(2);
}
const title = `Setting up Parley for npm ${mode}. The first time takes a few minutes; what is done is kept.`;
process.exit(await runSession(steps, { title, ending: 'Ready', again: `npm ${mode}` }));
