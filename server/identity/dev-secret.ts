import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
    mkdirSync(dataDir, { recursive: true });
    const secret = read(file) ?? create(file);
    if (!/^[\w-]{43}$/.test(secret)) {
      throw new StartError('reading the secret for development', `${file} does not hold a secret of ours.`, {
        mend: `Remove it, and a new one is made: rm ${JSON.stringify(file)}`,
      });
    }
    return { kid, secret, key: createSecretKey(Buffer.from(secret)) };
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw new StartError(
      'preparing the data folder',
      `${file} cannot be written: ${error instanceof Error ? error.message : error}.`,
      { mend: 'Choose another folder with dataDir (PARLEY_DATA_DIR), or make this one writable.', cause: error },
    );
  }
}

function read(file: string): string | undefined {
  try {
    const secret = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
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
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}
