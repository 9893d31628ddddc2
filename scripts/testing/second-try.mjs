// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

// libwebrtc for Node, which stands in for a browser in tests. The server never loads it.
const crashing = '@roamhq/wrtc';

const importing = /\b(?:import|export)\s(type\s)?[^'";]*?from\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g;

/**
 * Which files of a run may be run once more. libwebrtc for Node takes its process down now and then, which says nothing of
 * Parley. A process without it, which holds uWebSockets.js or SQLite, has no excuse; neither has a test that failed, nor an
 * error outside of every test.
 * @param {import('./tally.mjs').Tally} tally
 * @param {string} root
 * @returns {string[]} none when the run failed for another reason as well
 */
export function filesToRunAgain({ died, failed, otherErrors }, root) {
  const files = died.map(({ file }) => file);
  if (failed > 0 || otherErrors > 0) return [];
  return files.every((file) => imports(join(root, file), crashing)) ? files : [];
}

/**
 * Whether a TypeScript file, or one of ours that it imports, imports the package.
 * @param {string} path @param {string} packageName @param {Set<string>} [seen] @returns {boolean}
 */
export function imports(path, packageName, seen = new Set()) {
  if (seen.has(path) || !existsSync(path)) return false;
  seen.add(path);
  const statements = readFileSync(path, 'utf8').matchAll(importing);
  const specifiers = [...statements].filter(([, type]) => !type).map(([, , from, bare]) => from ?? bare ?? '');
  return specifiers.some((specifier) => {
    if (specifier === packageName) return true;
    return specifier.startsWith('.') && imports(resolve(dirname(path), specifier), packageName, seen);
  });
}
