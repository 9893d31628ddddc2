// @ts-check
/**
 * `[143/225] Compiling C++ object …` is how ninja says how far it is.
 * @param {string} line
 * @returns {{ done: number, total: number } | undefined}
 */
export function parseNinjaProgress(line) {
  const match = /^\[(\d+)\/(\d+)\]/.exec(line);
  return match ? { done: Number(match[1]), total: Number(match[2]) } : undefined;
}
