import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSqliteRoomLog } from '../../cluster/sqlite/sqlite-room-log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startServer } from '../../test/support/start-server.ts';
import type { PartialConfig } from '../config/schema.ts';
import { createConfig } from '../config.ts';
import type { Check, Finding } from './check.ts';
import { examine } from './examine.ts';
import { checkDataFolder, checkKeySet, checkKeys, checkWebPage } from './file-checks.ts';
import { checkGatewayPort, checkMediaAddress, checkMediaPorts } from './port-checks.ts';
import { checkStore, checkStoreInUse, judgeSpace } from './store-checks.ts';
import { judgeOpenFiles } from './system-checks.ts';
import { checkWorker } from './worker-check.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function findingsOf(check: Check, options: PartialConfig = {}): Promise<readonly Finding[]> {
  return check(createConfig({ dataDir: folder, ...options }));
}

/** Holds a TCP port for as long as its block lives. */
async function takePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await eventually(() => server.address(), 'a port');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => void server.close() };
}

describe('the doctor finds', () => {
  test('a gateway port that is taken, and names the option', async () => {
    using taken = await takePort();
    expect(await findingsOf(checkGatewayPort, { gateway: { port: taken.port } })).toEqual([
      expect.objectContaining({
        verdict: 'broken',
        text: expect.stringContaining('taken by another process'),
        mend: expect.stringContaining('gateway.port'),
      }),
    ]);
    expect(await findingsOf(checkGatewayPort, { gateway: { port: 0 } })).toMatchObject([{ verdict: 'fine' }]);
  });

  test('a host that is not of this machine', async () => {
    const [finding] = await findingsOf(checkGatewayPort, { gateway: { host: '192.0.2.77' } });
    expect(finding).toMatchObject({
      verdict: 'broken',
      text: expect.stringContaining('not an address of this machine'),
    });
  });

  test('media ports that are taken, by UDP and by TCP, for each worker', async () => {
    using taken = await takePort();
    const udp = createSocket('udp4');
    await new Promise<void>((resolve) => udp.bind({ port: taken.port, address: '127.0.0.1' }, resolve));
    const media = { listenIp: '127.0.0.1', port: taken.port };
    const [finding] = await findingsOf(checkMediaPorts, { media: { ...media, workers: 1 } });
    udp.close();
    expect(finding).toMatchObject({ verdict: 'broken', mend: expect.stringContaining('media.port') });
    expect(finding?.text).toContain('UDP: taken');
    expect(finding?.text).toContain('TCP: taken');
    const secondWorker = await findingsOf(checkMediaPorts, { media: { ...media, port: taken.port - 1, workers: 2 } });
    expect(secondWorker.map(({ text }) => text).join()).toContain(`port ${taken.port}, TCP: taken`);
  });

  test('a media address that is not of this machine', async () => {
    const [finding] = await findingsOf(checkMediaPorts, { media: { listenIp: '192.0.2.77', workers: 1 } });
    expect(finding).toMatchObject({ verdict: 'broken', mend: expect.stringContaining('media.listenIp') });
  });

  test('addresses that the internet does not reach, outside of development', async () => {
    const media = { listenIp: '127.0.0.1' };
    const [finding] = await findingsOf(checkMediaAddress, { media });
    expect(finding).toMatchObject({ verdict: 'warning', mend: expect.stringContaining('media.announcedAddress') });
    expect(await findingsOf(checkMediaAddress, { dev: true })).toMatchObject([{ verdict: 'fine' }]);
    const announced = { ...media, announcedAddress: '9.9.9.9' };
    expect(await findingsOf(checkMediaAddress, { media: announced })).toMatchObject([{ verdict: 'fine' }]);
  });

  test('missing and unreadable keys', async () => {
    expect(await findingsOf(checkKeys)).toMatchObject([
      { verdict: 'broken', text: expect.stringContaining('No keys') },
    ]);
    const keys = [{ kid: 'main', algorithm: 'RS256', secret: '', file: join(folder, 'absent.pem') }] as const;
    expect(await findingsOf(checkKeys, { identity: { keys } })).toMatchObject([
      { verdict: 'broken', mend: expect.stringContaining('"main"') },
    ]);
    const secret = [{ kid: 'main', algorithm: 'HS256', secret: 's'.repeat(32), file: '' }] as const;
    const [finding] = await findingsOf(checkKeys, { identity: { keys: secret } });
    expect(finding).toMatchObject({ verdict: 'fine', text: 'main (HS256)' });
  });

  test('a key set that does not answer', async () => {
    const { port } = await takePort();
    const jwksUrl = `http://127.0.0.1:${port}/jwks.json`;
    const [finding] = await findingsOf(checkKeySet, { identity: { jwksUrl: jwksUrl.replace(String(port), '1') } });
    expect(finding).toMatchObject({ verdict: 'broken', mend: 'identity.jwksUrl' });
  });

  test('a data folder that cannot be, and leaves nothing in one that can', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await findingsOf(checkDataFolder, { dataDir: join(folder, 'file') })).toMatchObject([{ verdict: 'broken' }]);
    const before = readdirSync(folder);
    const [finding] = await findingsOf(checkDataFolder, { dataDir: join(folder, 'not', 'yet') });
    expect(finding).toMatchObject({ verdict: 'fine', text: expect.stringContaining('can be made') });
    expect(readdirSync(folder)).toEqual(before);
  });

  test('a room log that another server has, and none of it in the folder of one that runs', async () => {
    const dataDir = join(folder, 'in-use');
    const log = await openSqliteRoomLog({ folder: dataDir, durability: 'process' });
    const findings = await findingsOf(checkStore, { dataDir });
    const running = await findingsOf(checkStoreInUse, { dataDir });
    await log.close();
    expect(findings).toMatchObject([
      {
        verdict: 'broken',
        text: expect.stringContaining('in use by another server'),
        mend: expect.stringContaining('dataDir'),
      },
    ]);
    expect(running[0]).toMatchObject({ verdict: 'fine', text: expect.stringContaining('0 rooms in') });
    expect((await findingsOf(checkStore, { dataDir }))[0]).toMatchObject({ verdict: 'fine' });
  });

  test('a room log that is damaged', async () => {
    const dataDir = mkdtempSync(join(folder, 'damaged-'));
    writeFileSync(join(dataDir, 'room-log.db'), 'x'.repeat(10_000));
    expect(await findingsOf(checkStore, { dataDir })).toMatchObject([
      { verdict: 'broken', text: expect.stringContaining('room-log.db'), mend: expect.stringContaining('backup') },
    ]);
  });

  test('a room log that is kept in memory, and leaves nothing where there is none', async () => {
    expect(await findingsOf(checkStore, { store: { engine: 'memory' } })).toMatchObject([{ verdict: 'warning' }]);
    const dataDir = join(folder, 'no-log', 'yet');
    expect((await findingsOf(checkStore, { dataDir }))[0]).toMatchObject({
      verdict: 'fine',
      text: 'there is none yet',
    });
    expect(readdirSync(folder)).not.toContain('no-log');
  });

  test('a disk that is nearly full', () => {
    expect(judgeSpace(1e6)).toMatchObject({ verdict: 'broken', mend: expect.stringContaining('chat.retentionMs') });
    expect(judgeSpace(5e8)).toMatchObject({ verdict: 'warning' });
    expect(judgeSpace(1e11)).toMatchObject({ verdict: 'fine' });
  });

  test('a page that is not there', async () => {
    const [finding] = await findingsOf(checkWebPage, { gateway: { webRoot: folder } });
    expect(finding).toMatchObject({ verdict: 'warning', text: expect.stringContaining('index.html') });
    expect(await findingsOf(checkWebPage, { gateway: { webRoot: '' } })).toMatchObject([{ verdict: 'fine' }]);
  });

  test('more connections than files may be open, and how many there could be', () => {
    expect(judgeOpenFiles(1024, 10_000)).toMatchObject({
      verdict: 'warning',
      mend: expect.stringContaining('gateway.maxConnections: 768'),
    });
    expect(judgeOpenFiles(1024, 768)).toMatchObject({ verdict: 'fine' });
    expect(judgeOpenFiles(Number.POSITIVE_INFINITY, 1_000_000)).toMatchObject({ verdict: 'fine' });
  });

  test('a worker that is not there', async () => {
    const [finding] = await findingsOf(checkWorker, { media: { workerBin: join(folder, 'absent') } });
    expect(finding).toMatchObject({ verdict: 'broken', mend: expect.stringContaining('media.workerBin') });
  });

  test('a worker that is something else', async () => {
    const [finding] = await findingsOf(checkWorker, { media: { workerBin: '/bin/true' } });
    expect(finding?.verdict).toBe('broken');
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('the doctor', () => {
  test('has a worker make a call, with a DTLS handshake', async () => {
    const [finding] = await findingsOf(checkWorker);
    expect(finding).toMatchObject({ verdict: 'fine', text: expect.stringContaining('DTLS handshake') });
  });

  test('knows a Parley that is running from a stranger on its port', async () => {
    await using server = await startServer();
    const port = Number(new URL(server.url).port);
    const findings: Finding[] = [];
    const config = createConfig({ dev: true, dataDir: folder, gateway: { port } });
    for await (const finding of examine(config)) findings.push(finding);
    expect(findings[0]).toMatchObject({ verdict: 'fine', text: expect.stringContaining('the Parley that is running') });
    expect(findings.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
  });
});
