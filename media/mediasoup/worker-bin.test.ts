import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findWorkerBin } from './worker-bin.ts';

describe('findWorkerBin()', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'parley-worker-bin-'));
    await writeFile(join(root, 'package.json'), '{}');
  });
  afterEach(() => rm(root, { recursive: true }));

  async function put(path: string, content = ''): Promise<string> {
    const file = join(root, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
    return file;
  }

  async function installMediasoup(): Promise<string> {
    await put('node_modules/mediasoup/package.json', '{"name": "mediasoup", "main": "node/lib/index.js"}');
    await put('node_modules/mediasoup/node/lib/index.js');
    return join(root, 'node_modules/mediasoup/worker/out/Release/mediasoup-worker');
  }

  test('takes the configured one before all others', async () => {
    const recorded = await put('recorded');
    await put('node_modules/.parley/worker.json', JSON.stringify({ path: recorded }));
    const configured = await put('mine');
    expect(findWorkerBin(configured, root)).toBe(configured);
  });

  test('says which option names a configured one that is not there', () => {
    expect(() => findWorkerBin(join(root, 'nothing'), root)).toThrow(/nothing, which media\.workerBin names/);
  });

  test('takes the one that the set-up recorded', async () => {
    const recorded = await put('recorded');
    await put('node_modules/.parley/worker.json', JSON.stringify({ path: recorded, sha256: '', source: 'built' }));
    await installMediasoup();
    expect(findWorkerBin('', root)).toBe(recorded);
  });

  test('takes mediasoup’s own when nothing is recorded, or what is recorded is gone', async () => {
    const packaged = await installMediasoup();
    await put('node_modules/mediasoup/worker/out/Release/mediasoup-worker');
    expect(findWorkerBin('', root)).toBe(packaged);
    await put('node_modules/.parley/worker.json', JSON.stringify({ path: join(root, 'gone') }));
    expect(findWorkerBin('', root)).toBe(packaged);
  });

  test('says where it looked and what to run when there is none', async () => {
    const packaged = await installMediasoup();
    expect(() => findWorkerBin('', root)).toThrow(packaged);
    expect(() => findWorkerBin('', root)).toThrow(/node scripts\/setup\.mjs start/);
  });

  test('says that a record without a path is broken', async () => {
    await put('node_modules/.parley/worker.json', '{}');
    expect(() => findWorkerBin('', root)).toThrow(/worker\.json names no path/);
  });
});
