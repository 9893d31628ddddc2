// @ts-check
/**
 * The npm that started the set-up, or the one on the PATH.
 * @param {Record<string, string | undefined>} env
 * @returns {{ command: string, first: string[] }} `first` comes before npm's own words
 */
export function npmCommand(env) {
  const script = env['npm_execpath'];
  return script?.endsWith('.js') ? { command: process.execPath, first: [script] } : { command: 'npm', first: [] };
}
