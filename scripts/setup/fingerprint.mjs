// @ts-check
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * @param {string} directory
 * @param {(relativePath: string, isDirectory: boolean) => boolean} keep asked for every entry; a refused directory is not entered
 * @returns {string[]} absolute paths in a stable order; none when the directory does not exist
 */
export function listFiles(directory, keep = () => true) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} current */
  const walk = (current) => {
    for (const entry of readdirSync(current, { withFileTypes: true })) {
      const path = join(current, entry.name);
      if (!keep(relative(directory, path).split(sep).join('/'), entry.isDirectory())) continue;
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  try {
    walk(directory);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
  }
  return found.sort();
}

/**
 * Names and contents of files, and any further facts, as one hexadecimal SHA-256. Moved or renamed files change it.
 * @param {string} root names are taken relative to it, so that two checkouts agree
 * @param {string[]} files
 * @param {string[]} facts
 */
export function fingerprint(root, files, facts = []) {
  const hash = createHash('sha256');
  for (const fact of facts) hash.update(`fact\0${fact}\0`);
  for (const file of files) {
    const content = readFileSync(file);
    hash.update(`file\0${relative(root, file).split(sep).join('/')}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** @param {string} path */
export function sha256OfFile(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
