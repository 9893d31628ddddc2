// @ts-check
import { createCommandRunner } from './command.mjs';
import { formatFailure } from './failure.mjs';
import { acquireLock } from './lock.mjs';
import { createPaths } from './paths.mjs';
import { createProgress } from './progress.mjs';
import { runSteps } from './run-steps.mjs';

const stopSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);
const exitInterrupted = 130;

/** @typedef {import('./run-steps.mjs').Step<import('./context.mjs').StepContext>} SetupStep */

/**
 * Runs steps for a person or for CI: silent when nothing is to be done, otherwise with progress; one set-up at a time in a checkout.
 *
 * @param {SetupStep[]} steps
 * @param {{ title: string, ending: string, again: string, env?: Record<string, string | undefined> }} options `again` is the command that continues
 * @returns {Promise<number>} the exit code
 */
export async function runSession(steps, { title, ending, again, env = process.env }) {
  const paths = createPaths({ env });
  const interrupt = new AbortController();
  const onStop = () => interrupt.abort(new Error('interrupted'));
  for (const name of stopSignals) process.on(name, onStop);
  const progress = createProgress({ stream: process.stdout, title });
  /** @type {import('./lock.mjs').Lock[]} */
  const locks = [];
  const runCommand = createCommandRunner({
    logs: paths.logs,
    onChildren: (children) => {
      for (const lock of locks) lock.setChildren(children);
    },
  });

  /** @param {{ signal: AbortSignal, note: (text: string) => void }} step @returns {import('./context.mjs').StepContext} */
  const contextFor = ({ signal, note }) => ({ paths, env, signal, note, warn: progress.say, run: runCommand, locks });

  try {
    if (await everythingIsDone(steps, contextFor({ signal: interrupt.signal, note: () => {} }))) return 0;
    locks.push(
      await acquireLock(paths.lock, {
        signal: interrupt.signal,
        onWait: once((holder) => progress.say(`Waiting for another set-up of this checkout (${holder}).`)),
      }),
    );
    const failures = await runSteps(steps, { contextFor, reporter: progress, signal: interrupt.signal });
    progress.close(failures.length === 0 && !interrupt.signal.aborted ? ending : undefined);
    if (interrupt.signal.aborted) return interrupted(again);
    for (const { name, error } of failures) process.stderr.write(`\n${formatFailure(name, error)}`);
    return failures.length === 0 ? 0 : 1;
  } catch (error) {
    progress.close();
    if (interrupt.signal.aborted) return interrupted(again);
    process.stderr.write(`\n${formatFailure('set-up', error)}`);
    return 1;
  } finally {
    for (const lock of locks) lock.release();
    for (const name of stopSignals) process.off(name, onStop);
  }
}

/** @param {SetupStep[]} steps @param {import('./context.mjs').StepContext} context */
async function everythingIsDone(steps, context) {
  for (const step of steps) if (!(await step.isDone?.(context))) return false;
  return true;
}

/** @param {string} again */
function interrupted(again) {
  process.stderr.write(`\nInterrupted. What is done is kept; this continues where it stopped:  ${again}\n`);
  return exitInterrupted;
}

/** @param {(holder: string) => void} speak */
function once(speak) {
  let spoken = false;
  return (/** @type {string} */ holder) => {
    if (!spoken) speak(holder);
    spoken = true;
  };
}
