// @ts-check
import { existsSync, rmSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from './command.mjs';
import { SetupFailure } from './failure.mjs';
import { parseNinjaProgress } from './ninja.mjs';
import { prepareWorkerSources } from './worker-sources.mjs';

/** The hungriest files take almost 500 MB to compile. */
const bytesPerCompiler = 600 * 1024 * 1024;

/**
 * Builds the worker from the sources inside the npm package. May be killed at any moment and called again.
 *
 * @param {import('./worker-cache.mjs').WorkerCache} cache
 * @param {import('./context.mjs').StepContext} context
 * @returns {Promise<string>} path of the binary, not yet proven
 */
export async function buildWorker(cache, { paths, run, note, signal }) {
  const sources = join(paths.nodeModules, 'mediasoup', 'worker');
  const mend = `rm -rf "${cache.build}" && npm start`;
  note('preparing the sources');
  prepareWorkerSources({ sources, recipe: paths.workerRecipe, target: cache.build });
  try {
    // meson writes build.ninja last: without it, an earlier meson was interrupted and its folder is of no use.
    if (!existsSync(join(cache.build, 'out', 'build.ninja'))) {
      note('configuring');
      rmSync(join(cache.build, 'out'), { recursive: true, force: true });
      await run(
        'meson',
        ['setup', '--buildtype', 'release', '-Db_ndebug=true', '-Dms_disable_liburing=true', 'out', '.'],
        { log: 'worker-meson', cwd: cache.build, signal },
      );
    }
    // Sources include headers that are generated from the schemas, and the worker's build does not declare that they depend on them.
    await run('ninja', ['-C', 'out', 'fbs/FBS'], { log: 'worker-headers', cwd: cache.build, signal });
    await run('ninja', ['-C', 'out', '-j', String(parallelCompilers()), 'mediasoup-worker'], {
      log: 'worker-compile',
      cwd: cache.build,
      signal,
      onLine: (line) => {
        const progress = parseNinjaProgress(line);
        if (progress) note(`compiling ${progress.done}/${progress.total}`);
      },
    });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new SetupFailure(error.reason, { mend, log: error.log, cause: error });
  }
  return join(cache.build, 'out', 'mediasoup-worker');
}

function parallelCompilers() {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / bytesPerCompiler)));
}
