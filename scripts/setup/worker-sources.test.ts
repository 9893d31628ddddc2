import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPaths } from './paths.mjs';
import { temporaryFolder } from './testing/temporary-folder.ts';
import { applyPatch, prepareWorkerSources, sourcePatches } from './worker-sources.mjs';

const paths = createPaths();
const installedSources = join(paths.nodeModules, 'mediasoup', 'worker');
const patch = { file: 'src/a.cpp', find: 'a == b', replace: 'a & b', why: 'of $1 and $&' };

test('a patch changes its line and nothing else', () => {
  using folder = temporaryFolder({ 'src/a.cpp': 'before\nif (a == b)\nafter\n' });
  applyPatch(folder.path, patch);
  expect(readFileSync(join(folder.path, 'src/a.cpp'), 'utf8')).toBe('before\nif (a & b)\nafter\n');
});

test.each([
  ['has lost the line', { 'src/a.cpp': 'if (a != b)' }, 'has no "a == b"'],
  ['has the line twice', { 'src/a.cpp': 'a == b; a == b' }, 'has 2 "a == b"'],
  ['is gone', {}, 'has no "a == b"'],
])('a source that %s stops the set-up and is named with the reason for the patch', (_what, files, message) => {
  using folder = temporaryFolder(files as Record<string, string>);
  expect(() => applyPatch(folder.path, patch)).toThrow(`mediasoup's worker/src/a.cpp ${message}`);
  expect(() => applyPatch(folder.path, patch)).toThrow(patch.why);
});

test('every patch fits the sources of the installed mediasoup, and the system’s libraries replace its downloads', () => {
  using folder = temporaryFolder();
  const target = join(folder.path, 'build');
  prepareWorkerSources({ sources: installedSources, recipe: paths.workerRecipe, target });
  for (const { file, find, replace } of sourcePatches) {
    const text = readFileSync(join(target, file), 'utf8');
    expect(text).toContain(replace);
    expect(text).not.toContain(find);
  }
  const subprojects = readdirSync(join(target, 'subprojects'));
  expect(subprojects.filter((name) => name.endsWith('.wrap'))).toEqual([]);
  expect(subprojects.sort()).toEqual([
    'abseil-cpp',
    'catch2',
    'flatbuffers',
    'libsrtp3',
    'libuv',
    'openssl',
    'usrsctp',
  ]);
  expect(existsSync(join(target, 'out'))).toBe(false);
});

test('a half-copied draft is thrown away, and finished sources are left as they are for ninja to continue', () => {
  using folder = temporaryFolder({ 'build.draft/stray.cpp': 'half' });
  const target = join(folder.path, 'build');
  const options = { sources: installedSources, recipe: paths.workerRecipe, target };
  prepareWorkerSources(options);
  expect(readdirSync(folder.path)).toEqual(['build']);
  expect(existsSync(join(target, 'stray.cpp'))).toBe(false);
  folder.write('build/compiled.o', 'precious');
  prepareWorkerSources(options);
  expect(existsSync(join(target, 'compiled.o'))).toBe(true);
});
