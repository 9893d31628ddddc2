// @ts-check
/** Run after `npm install` has changed package-lock.json: completes it for the platforms that this registry does not offer. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { completeLock } from './setup/complete-lock.mjs';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));
const added = completeLock(lock);
if (added.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(
  added.length > 0
    ? `${added.join('\n')}\n${added.length} added to package-lock.json\n`
    : 'package-lock.json is complete\n',
);
