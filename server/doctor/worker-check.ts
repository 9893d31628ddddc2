import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { findMediaWorker, startEngine } from '../app.ts';
import type { Config } from '../config/schema.ts';
import { packageRoot } from '../package-root.ts';
import { broken, type Check, type Finding, fine, toMessage, warning } from './check.ts';

/** Part of a checkout: a call with libwebrtc at the other end. */
const proofScript = join(packageRoot, 'scripts', 'setup', 'worker-proof.mjs');
/** What the proof exits with where libwebrtc is not installed. */
const exitCannotProve = 3;
const mend = 'node scripts/setup.mjs start, or media.workerBin (PARLEY_MEDIA_WORKER_BIN): the path of another worker';

/** Starting a worker proves little: one that was built wrong dies at the first DTLS handshake. So it makes one. */
export const checkWorker: Check = async (config) => {
  try {
    const binary = findMediaWorker(config);
    return [(existsSync(proofScript) ? await prove(binary) : undefined) ?? (await startOnly(config))];
  } catch (error) {
    return [broken('Media worker', toMessage(error), mend)];
  }
};

async function prove(binary: string): Promise<Finding | undefined> {
  const child = spawn(process.execPath, [proofScript, binary], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4096);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return fine('Media worker', `made a call with a DTLS handshake (${binary})`);
  if (code === exitCannotProve) return undefined;
  return broken('Media worker', `fails its proof: ${complaint.trim().split('\n').at(-1)}`, mend);
}

/** With ports of its own choice, so that a server that is running does not disturb it. */
async function startOnly(config: Config): Promise<Finding> {
  const options = { ...config, media: { ...config.media, workers: 1, port: 0 } };
  const engine = await startEngine(options, { clock: systemClock, log: silentLogger });
  await engine.close();
  return warning(
    'Media worker',
    'starts and listens; a handshake was not tried',
    'npm ci --include=dev, to have it proven by a call',
  );
}
