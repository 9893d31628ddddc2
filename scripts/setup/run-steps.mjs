// @ts-check
/**
 * @template Context
 * @typedef {object} Step
 * @property {string} name shown to people
 * @property {string[]} [needs] names of the steps that come first
 * @property {boolean} [finishes] another step's failure does not cut it short
 * @property {(context: Context) => boolean | Promise<boolean>} [isDone] cheap; a step that is done is passed over in silence
 * @property {(context: Context) => Promise<string | void>} run the text it returns says what came out
 */

/**
 * @typedef {object} StepReporter
 * @property {(name: string) => void} started
 * @property {(name: string, text: string) => void} noted
 * @property {(name: string, outcome: string) => void} done
 * @property {(name: string) => void} failed
 * @property {(name: string) => void} stopped told to stop, by a person or by another step's failure
 */

/**
 * Runs each step as soon as what it needs is done, independent ones side by side. After a failure nothing new is started, and the
 * steps under way are told to stop through their signal.
 *
 * @template Context
 * @param {Step<Context>[]} steps
 * @param {{ contextFor: (step: { name: string, signal: AbortSignal, note: (text: string) => void }) => Context, reporter: StepReporter, signal?: AbortSignal }} options
 * @returns {Promise<{ name: string, error: unknown }[]>} the failures, first one first; none when everything is done
 */
export async function runSteps(steps, { contextFor, reporter, signal = new AbortController().signal }) {
  const order = requireOrder(steps);
  const stop = new AbortController();
  const stopSignal = AbortSignal.any([signal, stop.signal]);
  /** @type {{ name: string, error: unknown }[]} */
  const failures = [];
  /** @type {Map<string, Promise<boolean>>} */
  const outcomes = new Map();

  /** @param {Step<Context>} step */
  const runStep = async (step) => {
    const ready = await Promise.all((step.needs ?? []).map((name) => outcomes.get(name)));
    if (ready.includes(false) || stopSignal.aborted) return false;
    const stepSignal = step.finishes ? signal : stopSignal;
    const context = contextFor({
      name: step.name,
      signal: stepSignal,
      note: (text) => reporter.noted(step.name, text),
    });
    try {
      if (await step.isDone?.(context)) return true;
      reporter.started(step.name);
      const outcome = await step.run(context);
      reporter.done(step.name, outcome ?? '');
      return true;
    } catch (error) {
      if (stepSignal.aborted) {
        reporter.stopped(step.name);
      } else {
        reporter.failed(step.name);
        failures.push({ name: step.name, error });
        stop.abort();
      }
      return false;
    }
  };

  for (const step of order) outcomes.set(step.name, runStep(step));
  await Promise.all(outcomes.values());
  return failures;
}

/**
 * @template Context
 * @param {Step<Context>[]} steps
 * @returns {Step<Context>[]} every step after those it needs
 */
function requireOrder(steps) {
  const byName = new Map(steps.map((step) => [step.name, step]));
  /** @type {Step<Context>[]} */
  const order = [];
  /** @param {Step<Context>} step @param {string[]} path */
  const visit = (step, path) => {
    if (order.includes(step)) return;
    if (path.includes(step.name)) throw new Error(`steps need each other: ${[...path, step.name].join(' → ')}`);
    for (const name of step.needs ?? []) {
      const needed = byName.get(name);
      if (!needed) throw new Error(`step "${step.name}" needs "${name}", which does not exist`);
      visit(needed, [...path, step.name]);
    }
    order.push(step);
  };
  for (const step of steps) visit(step, []);
  return order;
}
