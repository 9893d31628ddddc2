import { expect, test } from 'vitest';
import { requireNode } from './node-version.mjs';

const required = '>=20.19';

test.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('Node %s is accepted', (version) => {
  expect(() => requireNode({ version, platform: 'linux', required })).not.toThrow();
});

test.each(['18.20.4', '20.18.3', '16.0.0'])('Node %s is refused with both versions', (version) => {
  expect(() => requireNode({ version, platform: 'linux', required })).toThrow(
    `This is Node ${version}; Parley needs 20.19`,
  );
});

test('Windows is pointed to WSL', () => {
  expect(() => requireNode({ version: '22.0.0', platform: 'win32', required })).toThrow('WSL 2');
});
