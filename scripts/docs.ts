// Writes the documents that follow from the code. `--check` writes nothing and fails when one is stale.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toConfigDoc } from '../server/config/config-docs.ts';
import { toErrorsDoc } from './docs/errors-doc.ts';

const documents = { 'docs/configuration.md': toConfigDoc(), 'docs/errors.md': toErrorsDoc() };
const check = process.argv.includes('--check');

const stale = Object.entries(documents).filter(([path, text]) => {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false;
  if (!check) writeFileSync(file, text);
  return true;
});

const names = stale.map(([path]) => path).join(', ');
if (check && stale.length > 0) {
  console.error(`stale: ${names}. Run: npm run docs`);
  process.exitCode = 1;
} else {
  console.log(stale.length > 0 ? `written: ${names}` : 'generated documents are up to date');
}
