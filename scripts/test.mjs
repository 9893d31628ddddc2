// @ts-check
/**
 * `npm test` runs every check; `npm test -- <arguments>` runs vitest alone with those arguments, as in `npm test -- signaling`.
 * The last line tells the count, and the exit code whether everything passed.
 * A file whose process libwebrtc for Node took down runs once more, and the output says so (`testing/second-try.mjs`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverIsBuilt } from './setup/build-server.mjs';
import { readJson } from './setup/json-file.mjs';
import { createPaths } from './setup/paths.mjs';
import { formatElapsed } from './setup/progress.mjs';
import { filesToRunAgain } from './testing/second-try.mjs';
import { formatTally, mergeTallies, toTally } from './testing/tally.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'parley-test-'));
const vitestArguments = process.argv.slice(2);
// Servers and worker threads of tests run what is compiled: from the sources each would take more of the processor to begin.
const built = serverIsBuilt({ paths: createPaths() }) ? { PARLEY_BUILT: 'true' } : {};
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);

/** @type {{ name: string, command: string, args: string[] }[]} */
const checks = [
  { name: 'generated files', command: process.execPath, args: ['scripts/gen.mjs', '--check'] },
  { name: 'lint and format', command: bin('biome'), args: ['ci', '.'] },
  { name: 'lint of the contract', command: bin('buf'), args: ['lint'] },
  { name: 'types', command: 'npm', args: ['run', '--silent', 'typecheck'] },
];

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, yields?: boolean }} [how]
 * `yields`: it has what the others leave of the processor, and its output is kept until it ends
 * @returns {Promise<{ passed: boolean, output: string }>}
 */
function run(command, args, { env = process.env, yields = false } = {}) {
  const child = spawn(command, args, { cwd: root, env, stdio: yields ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  if (yields && child.pid !== undefined) setPriority(child.pid, 10);
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ passed: false, output: `${output}${message}\n` }));
    child.on('close', (status) => resolve({ passed: status === 0, output }));
  });
}

/** @param {string} name @param {boolean} passed @param {number} startedMs */
function tellEnd(name, passed, startedMs) {
  const took = formatElapsed(performance.now() - startedMs);
  process.stdout.write(`── ${name}: ${passed ? 'passed' : 'failed'} in ${took}\n`);
}

/** One after another, each told of when it is over. @returns {Promise<string[]>} those that failed */
async function runChecks() {
  const failed = [];
  for (const { name, command, args } of checks) {
    const startedMs = performance.now();
    const { passed, output } = await run(command, args, { yields: true });
    process.stdout.write(`\n── ${name}\n${output}`);
    tellEnd(name, passed, startedMs);
    if (!passed) failed.push(name);
  }
  return failed;
}

/** @param {string} name @param {string[]} args of vitest */
async function runTests(name, args) {
  const startedMs = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const path = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=./scripts/testing/tally-reporter.mjs'];
  const env = { ...process.env, ...built, PARLEY_TALLY: path };
  const { passed, output } = await run(bin('vitest'), ['run', ...reporters, ...args], { env });
  process.stdout.write(output);
  tellEnd(name, passed, startedMs);
  const tally = toTally(readJson(path));
  for (const { file, during } of tally.died) {
    process.stdout.write(`The process of ${file} ended by itself, during: ${during}\n`);
  }
  return { name, passed, tally };
}

// Tests wait for something more than half of the time: the checks are over within their first minute or two.
const checked = vitestArguments.length > 0 ? Promise.resolve([]) : runChecks();
let tests = await runTests('tests', vitestArguments);
const again = filesToRunAgain(tests.tally, root);
if (again.length > 0) {
  const { name, passed, tally } = await runTests('what libwebrtc for Node took down, once more', again);
  tests = { name, passed, tally: mergeTallies(tests.tally, tally) };
}
const failed = await checked;
// A runner that crashed, or failed outside any test, reports fewer failures than there are.
let uncounted = failed.length;
if (!tests.passed) {
  failed.push(tests.name);
  if (tests.tally.failed === 0) uncounted += Math.max(1, tests.tally.died.length);
}
rmSync(scratch, { recursive: true, force: true });

process.stdout.write(failed.length > 0 ? `\nfailed: ${failed.join(', ')}\n` : '\n');
process.stdout.write(`${formatTally({ ...tests.tally, failed: tests.tally.failed + uncounted })}\n`);
process.exit(failed.length > 0 ? 1 : 0);
