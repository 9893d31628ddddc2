// Reads the TLS files before the engine does, which tells nothing of what is wrong with them.

import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { StartError } from '../start-error.ts';

export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Whether to speak TLS.
 * @throws {StartError} when one file is missing, cannot be read, is no PEM, or the key is not the certificate's.
 */
export function checkTlsFiles({ certFile, keyFile }: TlsFiles): boolean {
  if (certFile === '' && keyFile === '') return false;
  if (certFile === '' || keyFile === '') {
    const [set, missing] = keyFile === '' ? ['certFile', 'keyFile'] : ['keyFile', 'certFile'];
    throw new StartError('reading the TLS files', `gateway.tls.${set} is set, gateway.tls.${missing} is not.`, {
      mend: 'Set both, or neither for plain HTTP behind a proxy.',
    });
  }
  const cert = readFile('certFile', certFile);
  const key = readFile('keyFile', keyFile);
  requireUsable('certFile', certFile, 'a PEM certificate', () => createSecureContext({ cert }));
  requireUsable('keyFile', keyFile, 'a PEM private key without a passphrase', () => createSecureContext({ key }));
  requireUsable('keyFile', keyFile, `the key of the certificate in ${certFile}`, () =>
    createSecureContext({ cert, key }),
  );
  return true;
}

function readFile(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StartError('reading the TLS files', `${path} (gateway.tls.${option}) cannot be read: ${code}.`, {
      mend: 'Name a file that the server’s user may read.',
      cause: error,
    });
  }
}

function requireUsable(option: string, path: string, what: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw new StartError('reading the TLS files', `${path} (gateway.tls.${option}) is not ${what}.`, {
      mend: 'Name a PEM file with the whole certificate chain and one with its private key.',
      cause: error,
    });
  }
}
