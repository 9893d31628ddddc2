// @ts-check
/**
 * `npm test` runs every check; `npm test -- <arguments>` runs vitest alone with those arguments, as in `npm test -- signaling`.
 * The last line tells the count, and the exit code whether everything passed.
 * A file whose process libwebrtc for Node took down runs once more, and the output says so (`testing/second-try.mjs`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

/** @param {string} name @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {boolean} whether it passed */
function runCheck(name, command, args, env = process.env) {
  const startedMs = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env });
  if (error) process.stderr.write(`${error.message}\n`);
  const passed = status === 0;
  process.stdout.write(
    `── ${name}: ${passed ? 'passed' : 'failed'} in ${formatElapsed(performance.now() - startedMs)}\n`,
  );
  return passed;
}

/** @param {string} name @param {string[]} args of vitest */
function runTests(name, args) {
  const path = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=./scripts/testing/tally-reporter.mjs'];
  const env = { ...process.env, ...built, PARLEY_TALLY: path };
  const passed = runCheck(name, bin('vitest'), ['run', ...reporters, ...args], env);
  const tally = toTally(readJson(path));
  for (const { file, during } of tally.died) {
    process.stdout.write(`The process of ${file} ended by itself, during: ${during}\n`);
  }
  return { name, passed, tally };
}

const failed = (vitestArguments.length > 0 ? [] : checks)
  .filter(({ name, command, args }) => !runCheck(name, command, args))
  .map(({ name }) => name);

let tests = runTests('tests', vitestArguments);
const again = filesToRunAgain(tests.tally, root);
if (again.length > 0) {
  const { name, passed, tally } = runTests('what libwebrtc for Node took down, once more', again);
  tests = { name, passed, tally: mergeTallies(tests.tally, tally) };
}
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
