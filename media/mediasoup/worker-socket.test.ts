import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { mediaDefaults } from '../../test/support/start-media.ts';
import { createMediasoupEngine } from './engine.ts';

/** What the kernel says of the UDP socket on a port: bytes that wait in it, packets that it had no place for. */
function readSocket(port: number): { waiting: number; dropped: number } {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const lines = readFileSync('/proc/net/udp', 'utf8').split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/)).find((line) => line[1]?.endsWith(`:${hexPort}`));
  return { waiting: Number.parseInt(fields?.[4]?.split(':')[1] ?? '', 16), dropped: Number(fields?.[12]) };
}

describe.skipIf(!requireOrSkip('mediasoup') || process.platform !== 'linux')('the socket of a media worker', () => {
  test('keeps the packets of 400 callers that come while the worker is not scheduled', async () => {
    const engine = await createMediasoupEngine({ options: mediaDefaults, clock: systemClock, log: silentLogger });
    const sender = createSocket('udp4');
    try {
      const router = await engine.createRouter();
      const { iceCandidates } = await router.createTransport();
      const { port, address } = iceCandidates.find(({ protocol }) => protocol === 'udp')!;
      process.kill(router.workerPid, 'SIGSTOP');
      const packet = Buffer.alloc(120);
      for (let sent = 0; sent < 400; sent += 1) {
        await new Promise<void>((resolve, reject) => {
          sender.send(packet, port, address, (error) => (error ? reject(error) : resolve()));
        });
      }
      expect(readSocket(port).dropped).toBe(0);
      expect(readSocket(port).waiting).toBeGreaterThan(400 * packet.length);

      process.kill(router.workerPid, 'SIGCONT');
      await expect.poll(() => readSocket(port), { timeout: 10_000 }).toEqual({ waiting: 0, dropped: 0 });
    } finally {
      sender.close();
      await engine.close();
    }
  });
});
