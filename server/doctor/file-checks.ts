import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { createVerifier } from '../identity/create-identity.ts';
import { builtInPage } from '../package-root.ts';
import { StartError } from '../start-error.ts';
import { broken, type Check, fine, toMessage, warning } from './check.ts';

export const checkDataFolder: Check = ({ dataDir }) => {
  const folder = resolve(dataDir);
  try {
    if (existsSync(folder) && !statSync(folder).isDirectory()) throw new Error(`${folder} is a file`);
    rmSync(mkdtempSync(join(nearestExisting(folder), '.parley-doctor-')), { recursive: true });
    return [fine('Data folder', existsSync(folder) ? `${folder} can be written` : `${folder} can be made`)];
  } catch (error) {
    return [broken('Data folder', toMessage(error), 'dataDir (PARLEY_DATA_DIR): a folder that this user can write')];
  }
};

export const checkWebPage: Check = ({ gateway: { webRoot } }) => {
  if (webRoot === '') return [fine('Web page', 'none is served')];
  const folder = webRoot === 'built-in' ? builtInPage : resolve(webRoot);
  if (existsSync(join(folder, 'index.html'))) return [fine('Web page', folder)];
  const mend = webRoot === 'built-in' ? 'npm run build' : 'gateway.webRoot: a folder with an index.html';
  return [warning('Web page', `${folder} holds no index.html`, mend)];
};

export const checkKeys: Check = (config) => {
  const { dev, identity } = config;
  // What a start would do, without the secret that it would make.
  if (dev)
    return [fine('Keys', 'the secret for development in the data folder: whoever reaches the page gets a token')];
  try {
    createVerifier(config, { clock: systemClock, log: silentLogger });
    const names = identity.keys.map(({ kid, algorithm }) => `${kid} (${algorithm})`);
    return [fine('Keys', [...names, ...(identity.jwksUrl ? [`the set at ${identity.jwksUrl}`] : [])].join(', '))];
  } catch (error) {
    if (error instanceof StartError) return [broken('Keys', error.message, error.mend)];
    throw error;
  }
};

/** The set is fetched when the first token comes: better to know before. */
export const checkKeySet: Check = async ({ identity: { jwksUrl } }) => {
  if (jwksUrl === '') return [];
  try {
    const response = await fetch(jwksUrl, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    const { keys } = (await response.json()) as { keys?: unknown };
    if (!response.ok || !Array.isArray(keys)) throw new Error(`the answer (${response.status}) is not a key set`);
    return [fine('Key set', `${keys.length} keys`)];
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
    return [broken('Key set', `${jwksUrl} cannot be read: ${toMessage(error)}${cause}`, 'identity.jwksUrl')];
  }
};

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}
