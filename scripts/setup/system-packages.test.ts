import { expect, test } from 'vitest';
import { distribution } from './distribution.mjs';
import {
  detectPackageManager,
  installCommand,
  missingPackages,
  sqlitePackages,
  testPackages,
  workerPackages,
} from './system-packages.mjs';

const chromium = distribution().startsWith('debian ') ? 'chromium-headless-shell' : 'chromium';

test('only what cannot be found is missing', () => {
  const missing = missingPackages(workerPackages, ({ probe }) => !('library' in probe && probe.library === 'libuv'));
  expect(missing.map((entry) => entry.apt)).toEqual(['libuv1-dev']);
});

test.each([
  ['apt', `sudo apt-get install -y --no-install-recommends ${chromium}`],
  ['brew', 'brew install chromium'],
  ['apk', 'sudo apk add chromium'],
  ['dnf', 'sudo dnf install -y chromium'],
  ['pacman', 'sudo pacman -S --needed chromium'],
] as const)('the one command is said in the words of %s', (manager, command) => {
  expect(installCommand(testPackages['browser']!, manager)).toBe(command);
});

test('a package that provides two things is named once', () => {
  const twice = workerPackages.filter((entry) => entry.brew === 'flatbuffers');
  expect(twice).toHaveLength(2);
  expect(installCommand(twice, 'brew')).toBe('brew install flatbuffers');
});

test('what builds the worker and SQLite is one command, in which the compiler is named once', () => {
  const command = installCommand([...workerPackages, ...sqlitePackages], 'apt');
  expect(command.split(' ')).toEqual(expect.arrayContaining(['meson', 'python3', 'make']));
  expect(command.split(' ').filter((word) => word === 'g++')).toHaveLength(1);
});

test('an unknown system gets the names to look for', () => {
  expect(installCommand(testPackages['browser']!, undefined)).toContain(`package manager: ${chromium}`);
});

test.each([
  ['darwin', [], 'brew'],
  ['linux', ['apt-get', 'dpkg-query'], 'apt'],
  ['linux', ['apk'], 'apk'],
  ['linux', ['dnf'], 'dnf'],
  ['linux', [], undefined],
] as const)('%s with %j is served by %s', (platform, commands, manager) => {
  expect(detectPackageManager(platform, (name) => (commands as readonly string[]).includes(name))).toBe(manager);
});
