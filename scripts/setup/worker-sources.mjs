// @ts-check
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';

/**
 * The lines of the worker that must change, each found exactly once or the set-up stops: a patch that silently misses would be found out by a crash in a call.
 * @type {{ file: string, find: string, replace: string, why: string }[]}
 */
export const sourcePatches = [
  {
    file: 'meson.build',
    find: "meson_version: '>= 1.1.0'",
    replace: "meson_version: '>= 1.0.0'",
    why: 'Debian 12 has meson 1.0.1, and nothing newer is used',
  },
  {
    file: 'src/RTC/DtlsTransport.cpp',
    find: '(operationType == BIO_CB_RETURN)',
    replace: '(operationType & BIO_CB_RETURN)',
    why:
      'OpenSSL combines BIO_CB_RETURN with the operation, so the callback answered 1 to every finished BIO_ctrl. An OpenSSL with kernel TLS (as Debian builds it) ' +
      'then believes that the kernel encrypts, writes to a null buffer, and the worker dies at its first DTLS handshake',
  },
];

/**
 * Copies the worker's sources out of the npm package, patched and with its bundled downloads replaced by the system's libraries.
 * `target` appears whole or not at all, so an existing one is taken as it is: ninja continues in it where it was stopped.
 *
 * @param {{ sources: string, recipe: string, target: string }} options
 */
export function prepareWorkerSources({ sources, recipe, target }) {
  if (existsSync(target)) return;
  const draft = `${target}.draft`;
  rmSync(draft, { recursive: true, force: true });
  cpSync(sources, draft, { recursive: true, filter: (path) => path !== join(sources, 'out') });
  const subprojects = join(draft, 'subprojects');
  for (const name of readdirSync(subprojects)) if (name.endsWith('.wrap')) rmSync(join(subprojects, name));
  cpSync(recipe, draft, { recursive: true });
  for (const patch of sourcePatches) applyPatch(draft, patch);
  renameSync(draft, target);
}

/**
 * @param {string} folder
 * @param {{ file: string, find: string, replace: string, why: string }} patch
 */
export function applyPatch(folder, { file, find, replace, why }) {
  const path = join(folder, file);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const count = text.split(find).length - 1;
  if (count !== 1) {
    throw new SetupFailure(
      `mediasoup's worker/${file} has ${count === 0 ? 'no' : `${count}`} "${find}", where the build expects it once. The line is changed because ${why}. ` +
        'This version of mediasoup needs the recipe in scripts/setup/worker-sources.mjs to be looked at again.',
      { mend: 'git checkout package.json package-lock.json && npm ci' },
    );
  }
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
}
