// @ts-check
/**
 * What every step is given.
 *
 * @typedef {object} StepContext
 * @property {import('./paths.mjs').Paths} paths
 * @property {Record<string, string | undefined>} env
 * @property {AbortSignal} signal
 * @property {(text: string) => void} note tells people what the step is doing right now
 * @property {(line: string) => void} warn a line that stays on the screen
 * @property {import('./command.mjs').RunCommand} run
 * @property {import('./lock.mjs').Lock[]} locks those that must know which children are running
 */
export {};
