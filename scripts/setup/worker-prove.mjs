// @ts-check
import { fileURLToPath } from 'node:url';
import { CommandFailure } from './command.mjs';

/** Exit code of worker-proof.mjs for "the proof cannot run here", as opposed to "the worker failed it". */
export const exitCannotProve = 3;

const proofScript = fileURLToPath(new URL('./worker-proof.mjs', import.meta.url));
const timeoutMs = 90_000;

/**
 * Has a worker make a call with itself: ICE, DTLS, and Opus in SRTP both ways.
 *
 * @param {string} binary
 * @param {import('./context.mjs').StepContext} context
 * @returns {Promise<{ verdict: 'proven' } | { verdict: 'failed' | 'unprovable', reason: string, log: string }>}
 */
export async function proveWorker(binary, { run, note, signal, paths }) {
  note('proving it with a DTLS handshake');
  try {
    await run(process.execPath, [proofScript, binary], { log: 'worker-proof', cwd: paths.root, signal, timeoutMs });
    return { verdict: 'proven' };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { verdict: error.code === exitCannotProve ? 'unprovable' : 'failed', reason: error.reason, log: error.log };
  }
}
