import { expect, test } from 'vitest';
import { completeLock, platformOf } from './complete-lock.mjs';

test('a missing optional package is added with its version and platform, and a second run adds nothing', () => {
  const lock = {
    packages: {
      '': {},
      'node_modules/@biomejs/biome': {
        dev: true,
        optionalDependencies: { '@biomejs/cli-darwin-arm64': '2.6.8', '@biomejs/cli-linux-x64': '2.6.8' },
      },
      'node_modules/@biomejs/cli-linux-x64': { version: '2.6.8', integrity: 'sha512-x' },
    } as Record<string, object>,
  };
  expect(completeLock(lock)).toEqual(['@biomejs/cli-darwin-arm64@2.6.8']);
  expect(lock.packages['node_modules/@biomejs/cli-darwin-arm64']).toEqual({
    version: '2.6.8',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['darwin'],
  });
  expect(completeLock(lock)).toEqual([]);
});

test('a package beside its dependent, or in a folder above, is not missing', () => {
  const lock = {
    packages: {
      'node_modules/a/node_modules/b': { optionalDependencies: { 'c-linux-x64': '1.0.0', 'd-linux-x64': '1.0.0' } },
      'node_modules/a/node_modules/b/node_modules/c-linux-x64': { version: '1.0.0' },
      'node_modules/a/node_modules/d-linux-x64': { version: '1.0.0' },
    },
  };
  expect(completeLock(lock)).toEqual([]);
});

test('a range or a name without a platform cannot be completed', () => {
  const lockWith = (name: string, version: string) => ({
    packages: { 'node_modules/a': { optionalDependencies: { [name]: version } } },
  });
  expect(() => completeLock(lockWith('b-linux-x64', '^1.0.0'))).toThrow('no exact version');
  expect(() => completeLock(lockWith('fsevents', '2.3.3'))).toThrow('does not tell its platform');
});

test.each([
  ['@uwsjs/linux-arm-20', { os: ['linux'], cpu: ['arm'] }],
  ['@bufbuild/buf-linux-armv7', { os: ['linux'], cpu: ['arm'] }],
  ['@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
  ['lightningcss-linux-arm64-gnu', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }],
  ['@roamhq/wrtc-win32-x64', { os: ['win32'], cpu: ['x64'] }],
])('%s tells its platform', (name, platform) => {
  expect(platformOf(name)).toEqual(platform);
});
