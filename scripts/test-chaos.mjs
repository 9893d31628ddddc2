// @ts-check
/**
 * `npm run test:chaos` strikes a cluster with one fault after another; `npm run test:chaos -- kill-node redis-older` with these.
 * `--rounds 5` strikes so often, `--seed 7` makes other choices. What it came to is printed and goes to
 * bench/results/recovery.json. docs/cluster.md tells what is judged.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readJson, writeJson } from './setup/json-file.mjs';
import { formatRecoveries, mergeRecoveries, toRecoveries } from './testing/recovery.mjs';
import { filesToRunAgain } from './testing/second-try.mjs';
import { formatTally, mergeTallies, toTally } from './testing/tally.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'parley-chaos-'));
const results = join(scratch, 'results');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const seed = values.seed ?? String(Math.floor(Math.random() * 1_000_000));

/** @param {string} name @param {readonly string[]} files */
function runTests(name, files) {
  const tallyPath = join(scratch, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=./scripts/testing/tally-reporter.mjs'];
  const { status } = spawnSync(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--config', 'vitest.chaos.config.ts', ...reporters, ...files],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        PARLEY_TALLY: tallyPath,
        PARLEY_CHAOS_SEED: seed,
        PARLEY_CHAOS_ROUNDS: values.rounds,
        PARLEY_CHAOS_RESULTS: results,
      },
    },
  );
  return { passed: status === 0, tally: toTally(readJson(tallyPath)) };
}

// `redis-stop-1` is not to run `redis-stop-10`.
let tests = runTests(
  'chaos',
  positionals.map((name) => `test/chaos/${name}.chaos.ts`),
);
const again = filesToRunAgain(tests.tally, root);
if (again.length > 0) {
  process.stdout.write(`libwebrtc for Node took down ${again.join(', ')}: once more.\n`);
  const { passed, tally } = runTests('again', again);
  tests = { passed, tally: mergeTallies(tests.tally, tally) };
}

/** @returns {import('./testing/recovery.mjs').Round[]} */
function readRounds() {
  try {
    return readdirSync(results).flatMap((file) => readJson(join(results, file)) ?? []);
  } catch {
    return [];
  }
}

const recoveries = toRecoveries(readRounds());
rmSync(scratch, { recursive: true, force: true });
if (recoveries.length > 0) {
  const path = join(root, 'bench', 'results', 'recovery.json');
  writeJson(path, mergeRecoveries(readJson(path) ?? [], recoveries));
  process.stdout.write(`\n${formatRecoveries(recoveries)}\n`);
}
process.stdout.write(`\nseed ${seed}: ${formatTally(tests.tally)}\n`);
process.exit(tests.passed ? 0 : 1);
