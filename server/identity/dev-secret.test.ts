import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { StartError } from '../start-error.ts';
import { loadDevSecret } from './dev-secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-secret-'));
afterAll(() => rmSync(folder, { recursive: true }));

const module = fileURLToPath(new URL('./dev-secret.ts', import.meta.url));
const withTypes = ['--import', 'tsx', '--input-type=module'];

describe('loadDevSecret()', () => {
  test('makes a secret that only its owner can read, and keeps it', () => {
    const dataDir = join(folder, 'new', 'data');
    const made = loadDevSecret(dataDir);
    expect(statSync(join(dataDir, 'dev-secret')).mode & 0o777).toBe(0o600);
    expect(loadDevSecret(dataDir).secret).toBe(made.secret);
    expect(readdirSync(dataDir)).toEqual(['dev-secret']);
    expect(loadDevSecret(join(folder, 'other')).secret).not.toBe(made.secret);
  });

  test('takes back rights that others were given', () => {
    const dataDir = join(folder, 'rights');
    loadDevSecret(dataDir);
    const file = join(dataDir, 'dev-secret');
    writeFileSync(file, readFileSync(file), { mode: 0o644 });
    loadDevSecret(dataDir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('refuses a file that holds something else, and says how to mend it', () => {
    const dataDir = join(folder, 'broken');
    loadDevSecret(dataDir);
    writeFileSync(join(dataDir, 'dev-secret'), 'hello');
    expect(() => loadDevSecret(dataDir)).toThrow(StartError);
    expect(() => loadDevSecret(dataDir)).toThrow('does not hold a secret of ours');
  });

  test('names the folder when it cannot be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => loadDevSecret(join(folder, 'file', 'data'))).toThrow(StartError);
  });

  // In a process of its own, for what must not happen is that it never ends.
  test.skipIf(process.platform !== 'linux')('names a folder in which no folders can be made', () => {
    const script = `const { loadDevSecret } = await import(${JSON.stringify(module)}); loadDevSecret('/proc/parley/data');`;
    const child = spawnSync(process.execPath, [...withTypes, '-e', script], { timeout: 20_000, encoding: 'utf8' });
    expect(child.signal).toBeNull();
    expect(child.stderr).toContain('the folder /proc/parley cannot be made');
    expect(child.stderr).toContain('dataDir (PARLEY_DATA_DIR)');
  });

  test('gives processes that start at once the same secret', async () => {
    const dataDir = join(folder, 'race');
    const script = `const { loadDevSecret } = await import(${JSON.stringify(module)}); console.log(loadDevSecret(${JSON.stringify(dataDir)}).secret);`;
    const outputs = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, [...withTypes, '-e', script]);
        let output = '';
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk;
        });
        await once(child, 'close');
        return output.trim();
      }),
    );
    expect(new Set(outputs).size).toBe(1);
    expect(outputs[0]).toMatch(/^[\w-]{43}$/);
  });
});
