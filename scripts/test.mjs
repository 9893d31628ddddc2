// @ts-check
/**
 * `npm test` runs every check; `npm test -- <arguments>` runs vitest alone with those arguments, as in `npm test -- signaling`.
 * The last line tells the count, and the exit code whether everything passed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJson } from './setup/json-file.mjs';
import { formatElapsed } from './setup/progress.mjs';
import { formatTally, toTally } from './setup/test-tally.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'parley-test-'));
const report = join(scratch, 'report.json');
const vitestArguments = process.argv.slice(2);
const bin = (/** @type {string} */ name) => join(root, 'node_modules', '.bin', name);

/** @type {{ name: string, command: string, args: string[] }[]} */
const checks = [
  { name: 'generated files', command: process.execPath, args: ['scripts/gen.mjs', '--check'] },
  { name: 'lint and format', command: bin('biome'), args: ['ci', '.'] },
  { name: 'lint of the contract', command: bin('buf'), args: ['lint'] },
  { name: 'types', command: 'npm', args: ['run', '--silent', 'typecheck'] },
];
const vitest = {
  name: 'tests',
  command: bin('vitest'),
  args: ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...vitestArguments],
};

/** @param {{ name: string, command: string, args: string[] }} check @returns {boolean} whether it passed */
function runCheck({ name, command, args }) {
  const startedMs = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write(`${error.message}\n`);
  const passed = status === 0;
  process.stdout.write(
    `── ${name}: ${passed ? 'passed' : 'failed'} in ${formatElapsed(performance.now() - startedMs)}\n`,
  );
  return passed;
}

const failed = (vitestArguments.length > 0 ? [vitest] : [...checks, vitest]).filter((check) => !runCheck(check));
const tally = toTally(readJson(report));
rmSync(scratch, { recursive: true, force: true });

// A runner that crashed, or failed outside any test, reports fewer failures than there are.
const failedChecks = failed.filter((check) => check !== vitest || tally.failed === 0);
process.stdout.write(failed.length > 0 ? `\nfailed: ${failed.map((check) => check.name).join(', ')}\n` : '\n');
process.stdout.write(`${formatTally({ ...tally, failed: tally.failed + failedChecks.length })}\n`);
process.exit(failed.length > 0 ? 1 : 0);
