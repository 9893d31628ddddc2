// @ts-check
/**
 * Proves a binding by what it is for: `node sqlite-proof.mjs <folder of better-sqlite3> <binding>`. Opens a database in memory, and writes,
 * searches and reads a text through FTS5, which a system's SQLite may lack.
 *
 * A process of its own, because a binding for another Node or another libc may crash instead of refusing.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { exitCannotProve } from './sqlite-prove.mjs';

const [packageFolder = '', binding = ''] = process.argv.slice(2);

/** @param {unknown} error @param {number} exitCode @returns {never} */
function fail(error, exitCode) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(exitCode);
}

function loadPackage() {
  try {
    return createRequire(join(packageFolder, 'package.json'))(packageFolder);
  } catch (error) {
    // A package that does not load says nothing about the binding.
    return fail(error, exitCannotProve);
  }
}

const Database = loadPackage();
try {
  const database = new Database(':memory:', { nativeBinding: binding });
  database.exec('CREATE VIRTUAL TABLE proof USING fts5(text)');
  database.transaction(() => database.prepare('INSERT INTO proof VALUES (?)').run('chat that loses nothing'))();
  const found = database.prepare("SELECT text FROM proof WHERE proof MATCH 'loses'").pluck().get();
  if (found !== 'chat that loses nothing') fail(`FTS5 failed to find a text: ${JSON.stringify(found)}`, 1);
  database.close();
} catch (error) {
  fail(error, 1);
}
