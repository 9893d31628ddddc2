import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aptInstall, mendFor } from './apt.mjs';
import { CommandFailure, createCommandRunner } from './command.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';

/** Runs aptInstall() with scripts in the place of apt-get and dpkg; both write down how they were called. */
async function installWith(scripts: { 'apt-get': string; dpkg?: string }) {
  using folder = temporaryFolder();
  for (const [name, script] of Object.entries(scripts)) {
    chmodSync(folder.write(name, `#!/bin/sh\ncd "${folder.path}"\necho "${name} $1" >> calls\n${script}\n`), 0o755);
  }
  const notes: string[] = [];
  const error = await aptInstall(['meson'], {
    prefix: ['env', `PATH=${folder.path}:${process.env['PATH']}`],
    log: 'apt',
    run: createCommandRunner({ logs: folder.path }),
    note: (text) => notes.push(text),
    signal: AbortSignal.timeout(20_000),
  }).then(
    () => undefined,
    (reason) => reason,
  );
  const path = join(folder.path, 'calls');
  const calls = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  return { error, calls, notes };
}

test('packages that apt knows are installed without fetching its lists', async () => {
  const { error, calls, notes } = await installWith({ 'apt-get': 'echo "Setting up meson (1.0.1)"' });
  expect(error).toBeUndefined();
  expect(calls).toEqual(['apt-get install']);
  expect(notes).toEqual(['setting up meson']);
});

test('a package that apt does not know yet is looked for in fresh lists', async () => {
  const script =
    'if [ "$1" = update ]; then touch lists; elif [ ! -e lists ]; then echo "E: Unable to locate package meson"; exit 100; fi';
  const { error, calls } = await installWith({ 'apt-get': script });
  expect(error).toBeUndefined();
  expect(calls).toEqual(['apt-get install', 'apt-get update', 'apt-get install']);
});

test('what an interrupted dpkg left is finished first', async () => {
  const { error, calls } = await installWith({
    'apt-get': '[ -e configured ] || { echo "E: dpkg was interrupted, you must manually run"; exit 100; }',
    dpkg: 'touch configured',
  });
  expect(error).toBeUndefined();
  expect(calls).toEqual(['apt-get install', 'dpkg --configure', 'apt-get install']);
});

test('a package that fresh lists do not have either is a failure in apt’s words', async () => {
  const script = '[ "$1" = update ] || { echo "E: Unable to locate package meson"; exit 100; }';
  const { error, calls } = await installWith({ 'apt-get': script });
  expect(error).toBeInstanceOf(CommandFailure);
  expect(error.reason).toContain('E: Unable to locate package meson');
  expect(calls).toEqual(['apt-get install', 'apt-get update', 'apt-get install']);
});

test('a full disk is mended by nobody', () => {
  expect(mendFor('E: You don’t have enough free space in /var/cache/apt/archives/')).toBeUndefined();
});
