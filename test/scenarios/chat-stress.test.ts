// People publish while connections are cut and the server is killed and started again: nothing that was acknowledged may be
// missing, nothing may come twice, nothing out of order. Every choice comes from one seed, which a failure names.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import { eventually } from '../support/eventually.ts';
import { findFreePort } from '../support/free-port.ts';
import { type ParleyProcess, startParley } from '../support/parley-process.ts';
import { createRandom } from '../support/random.ts';
import { requireOrSkip } from '../support/require.ts';
import { ChatClient } from './chat-client.ts';

const seconds = Number(process.env['PARLEY_STRESS_SECONDS'] ?? 30);
const seed = Number(process.env['PARLEY_STRESS_SEED'] ?? 20_261);
const roomNames = ['stress-1', 'stress-2', 'stress-3'];
const people = 12;
const stepMs = 10;

test.skipIf(!requireOrSkip('mediasoup'))(
  `publishing, cut connections and killed servers for ${seconds} s (seed ${seed}) lose nothing, repeat nothing and keep the order`,
  { timeout: (seconds + 120) * 1000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-stress-'));
    const port = await findFreePort();
    const random = createRandom(seed);
    const start = async (): Promise<ParleyProcess> => {
      const server = startParley(['serve', '--dev', '--port', String(port)], {
        cwd: dataDir,
        env: { PARLEY_DATA_DIR: dataDir, PARLEY_MEDIA_PORT: '0', PARLEY_MEDIA_WORKERS: '1', PARLEY_LOG_FORMAT: 'json' },
      });
      await server.waitFor('server listening');
      return server;
    };
    let server = await start();
    const issuer = createTokenIssuer({ ...loadDevSecret(dataDir), issuer: '', audience: '' });
    const clients = Array.from({ length: people }, (_, index) => {
      const identity = `person-${index}`;
      const grants = [{ room: '*', can: ['join', 'chat', 'history'] as const }];
      const token = () => issuer.issue({ identity, name: identity, metadata: '', grants, ttlSeconds: 3600 });
      return new ChatClient({ url: `ws://127.0.0.1:${port}/ws`, identity, token, rooms: roomNames });
    });
    try {
      let restarts = 0;
      let cuts = 0;
      const endMs = performance.now() + seconds * 1000;
      let nextRestartMs = performance.now() + 3_000;
      while (performance.now() < endMs) {
        const client = clients[Math.floor(random() * people)] as ChatClient;
        client.publish(roomNames[Math.floor(random() * roomNames.length)] as string);
        if (random() < 0.02) {
          clients[Math.floor(random() * people)]?.kill();
          cuts += 1;
        }
        if (performance.now() > nextRestartMs) {
          server.child.kill('SIGKILL');
          await server.exited();
          server = await start();
          restarts += 1;
          nextRestartMs = performance.now() + 2_000 + random() * 2_000;
        }
        await delay(stepMs);
      }
      const allSettled = () => clients.every((client) => client.settled || client.complaints.length > 0);
      await eventually(allSettled, 'every message to be acknowledged', 60_000);
      await eventually(
        () =>
          clients.every(
            (client) =>
              client.ready &&
              roomNames.every(
                (room) => client.positionIn(room) === Math.max(...clients.map((c) => c.positionIn(room))),
              ),
          ),
        'everybody to stand at the same record',
        60_000,
      );
      expect(clients.flatMap(({ complaints }) => complaints)).toEqual([]);
      expectTheSameLogs(clients);
      expectEverythingAcknowledged(clients);
      expectOrderOfEachAuthor(clients);
      expect(cuts).toBeGreaterThan(0);
      if (seconds >= 30) expect(restarts).toBeGreaterThan(1);
    } finally {
      for (const client of clients) client.stop();
      await server[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    }
  },
);

function expectTheSameLogs(clients: readonly ChatClient[]): void {
  for (const room of roomNames) {
    const ids = clients.map((client) => client.delivered.get(room)?.map(({ record }) => record.messageId) ?? []);
    for (const list of ids) expect(list).toEqual(ids[0]);
    expect(new Set(ids[0]).size).toBe(ids[0]?.length);
  }
}

function expectEverythingAcknowledged(clients: readonly ChatClient[]): void {
  const reader = clients[0] as ChatClient;
  const records = roomNames.flatMap((room) => reader.delivered.get(room) ?? []);
  const byClientId = new Map<string, number>();
  for (const { record } of records) {
    if (record.kind === 'message') byClientId.set(record.clientId, (byClientId.get(record.clientId) ?? 0) + 1);
  }
  const byId = new Map(records.map(({ record, epoch }) => [record.messageId, { record, epoch }]));
  for (const client of clients) {
    for (const [clientId, receipt] of client.acknowledged) {
      expect(byClientId.get(clientId), clientId).toBe(1);
      const found = byId.get(receipt.messageId);
      expect(found?.record.seq, clientId).toBe(receipt.seq);
      expect(found?.epoch, clientId).toBe(receipt.epoch);
    }
  }
}

/** A person's messages to one room stand in the order in which they were published. */
function expectOrderOfEachAuthor(clients: readonly ChatClient[]): void {
  for (const room of roomNames) {
    const last = new Map<string, number>();
    for (const { record } of clients[0]?.delivered.get(room) ?? []) {
      if (record.kind !== 'message') continue;
      const number = Number(record.clientId.split('-').at(-1));
      expect(number, record.clientId).toBeGreaterThan(last.get(record.identity) ?? 0);
      last.set(record.identity, number);
    }
  }
}
