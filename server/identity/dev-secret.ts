import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StartError } from '../start-error.ts';

/** The key that signs guest tokens while developing. */
export interface DevSecret {
  readonly kid: string;
  readonly key: KeyObject;
  /** The same as text, for a TokenKey. */
  readonly secret: string;
}

const kid = 'parley-dev';
const fileName = 'dev-secret';

/**
 * The secret of a data folder, made the first time: tokens outlive a restart, and nobody else on the machine can read it.
 * @throws {StartError} when the folder cannot be written or the file holds something else.
 */
export function loadDevSecret(dataDir: string): DevSecret {
  const file = join(dataDir, fileName);
  try {
    makeFolder(resolve(dataDir));
    const secret = read(file) ?? create(file);
    if (!/^[\w-]{43}$/.test(secret)) {
      throw new StartError('reading the secret for development', `${file} does not hold a secret of ours.`, {
        mend: `Remove it, and a new one is made: rm ${JSON.stringify(file)}`,
      });
    }
    return { kid, secret, key: createSecretKey(Buffer.from(secret)) };
  } catch (error) {
    throw error instanceof StartError ? error : cannotPrepare(`${file} cannot be written`, error);
  }
}

/**
 * Step by step: where mkdir says ENOENT though the parent is there, as in /proc, the recursive mkdirSync of Node.js goes
 * round for ever.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another server that starts at the same time was faster.
    if (!hasCode(error, 'EEXIST')) throw cannotPrepare(`the folder ${folder} cannot be made`, error);
  }
}

function cannotPrepare(what: string, error: unknown): StartError {
  return new StartError('preparing the data folder', `${what}: ${error instanceof Error ? error.message : error}.`, {
    mend: 'Choose another folder with dataDir (PARLEY_DATA_DIR), or make this one writable.',
    cause: error,
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function read(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return secret;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Written beside and linked into place: of two servers that start at once, both end with the same whole secret. */
function create(file: string): string {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
