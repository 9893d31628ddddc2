import { expect, test } from 'vitest';
import { matchesLock } from './npm-packages.mjs';

const wanted = {
  packages: {
    '': { name: 'parley' },
    client: { version: '0.1.0' },
    'node_modules/@parley/client': { link: true },
    'node_modules/pino': { version: '10.4.0', integrity: 'sha512-a' },
    'node_modules/esbuild-win32': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
};
const { 'node_modules/esbuild-win32': _elsewhere, ...installedPackages } = wanted.packages;
const installed = { packages: installedPackages };
const present = () => true;

test('what npm recorded fits the lock, though optional packages of other platforms are absent', () => {
  expect(matchesLock(wanted, installed, present)).toBe(true);
});

test.each([
  ['npm was interrupted before it wrote its record', undefined],
  ['a package is missing', { packages: { 'node_modules/@parley/client': { link: true } } }],
  [
    'a package has another version',
    { packages: { ...installedPackages, 'node_modules/pino': { version: '9.0.0', integrity: 'sha512-a' } } },
  ],
  [
    'a package has other content',
    { packages: { ...installedPackages, 'node_modules/pino': { version: '10.4.0', integrity: 'sha512-x' } } },
  ],
])('the packages are installed again when %s', (_when, found) => {
  expect(matchesLock(wanted, found, present)).toBe(false);
});

test('the packages are installed again when a folder was removed', () => {
  expect(matchesLock(wanted, installed, (path) => path !== 'node_modules/pino')).toBe(false);
});
