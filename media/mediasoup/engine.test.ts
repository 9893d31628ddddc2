import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import { type Logger, silentLogger } from '../../core/log.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { mediaDefaults } from '../../test/support/start-media.ts';
import type { EngineRouter, MediaEngine } from '../engine.ts';
import type { MediaOptions } from '../media-options.ts';
import { createMediasoupEngine } from './engine.ts';

const withinMs = 10_000;

async function startEngine(overrides: Partial<MediaOptions> = {}, { clock = systemClock, log = silentLogger } = {}) {
  const engine = await createMediasoupEngine({ options: { ...mediaDefaults, ...overrides }, clock, log });
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() });
}

const pidsOf = async (engine: MediaEngine) => (await engine.stats()).workers.map(({ pid }) => pid);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A log whose lines a test can look at. */
function recordLog(levels: readonly string[] = ['debug', 'info', 'warn', 'error']) {
  const lines: string[] = [];
  const recordAt = (level: string) => (_fields: object, message: string) => {
    if (levels.includes(level)) lines.push(message);
  };
  const log: Logger = {
    debug: recordAt('debug'),
    info: recordAt('info'),
    warn: recordAt('warn'),
    error: recordAt('error'),
    child: () => log,
  };
  return { lines, log };
}

describe.skipIf(!requireOrSkip('mediasoup'))('the mediasoup engine', () => {
  test('starts one worker per core less one when no number is configured', async () => {
    await using engine = await startEngine({ workers: 0 });
    expect(await pidsOf(engine)).toHaveLength(Math.max(availableParallelism() - 1, 1));
  });

  test('speaks the codecs of browsers and of phones, with the payload types that phones use', async () => {
    await using engine = await startEngine();
    const codecs = engine.rtpCapabilities.codecs.map(({ mimeType, preferredPayloadType: type, parameters }) => ({
      name: mimeType.split('/')[1],
      type,
      parameters,
    }));
    const typeOf = (name: string) => codecs.filter((codec) => codec.name === name).map(({ type }) => type);
    expect(typeOf('opus')).toEqual([107]);
    expect(typeOf('PCMU')).toEqual([0]);
    expect(typeOf('PCMA')).toEqual([8]);
    expect(typeOf('G722')).toEqual([9]);
    expect(typeOf('telephone-event')).toEqual([101]);
    expect(new Set(codecs.map(({ name }) => name))).toEqual(
      new Set(['opus', 'PCMU', 'PCMA', 'G722', 'telephone-event', 'VP8', 'VP9', 'H264', 'AV1', 'rtx']),
    );
    expect(new Set(codecs.map(({ type }) => type)).size).toBe(codecs.length);
  });

  test('places routers evenly while there is no other load', async () => {
    await using engine = await startEngine({ workers: 3 });
    const routers: EngineRouter[] = [];
    for (let count = 0; count < 6; count += 1) routers.push(await engine.createRouter());
    expect((await engine.stats()).workers.map(({ routers: has }) => has)).toEqual([2, 2, 2]);
    for (const router of routers.filter(({ workerPid }) => workerPid === routers[0]!.workerPid)) router.close();
    expect((await engine.createRouter()).workerPid).toBe(routers[0]!.workerPid);
  });

  test('replaces a worker that died, and tells its routers after it has left the pool', async () => {
    await using engine = await startEngine({ workers: 2 });
    const router = await engine.createRouter();
    const other = await engine.createRouter();
    const told: string[] = [];
    other.events.once('died', () => told.push('other'));
    const next = new Promise<number>((resolve, reject) => {
      router.events.once('died', ({ workerPid }) => {
        told.push(`router of ${workerPid}`);
        engine.createRouter().then(({ workerPid: pid }) => resolve(pid), reject);
      });
    });
    process.kill(router.workerPid, 'SIGKILL');
    expect(await next).toBe(other.workerPid);
    expect(told).toEqual([`router of ${router.workerPid}`]);
    await expect.poll(() => pidsOf(engine), { timeout: withinMs }).toHaveLength(2);
    expect(await pidsOf(engine)).not.toContain(router.workerPid);
    expect((await engine.stats()).workerDeaths).toBe(1);
  });

  test('once it drains takes the end of a worker as part of it, and still replaces it for calls that go on', async () => {
    const { lines, log } = recordLog(['warn', 'error']);
    await using engine = await startEngine({}, { log });
    engine.drain();
    const [pid] = await pidsOf(engine);
    process.kill(pid!, 'SIGTERM');
    await expect.poll(() => pidsOf(engine), { timeout: withinMs }).not.toContain(pid);
    await engine.whenReady();
    expect(await pidsOf(engine)).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  test('without a worker is not ready, and makes those who wait wait until it is', async () => {
    const clock = new FakeClock();
    await using engine = await startEngine({}, { clock });
    const [pid] = await pidsOf(engine);
    process.kill(pid!, 'SIGKILL');
    await expect.poll(() => engine.ready, { timeout: withinMs }).toBe(false);
    await expect(engine.createRouter()).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    const ready = engine.whenReady();
    // The worker died young, so its place is filled after a pause.
    clock.advance(99);
    expect(engine.ready).toBe(false);
    clock.advance(1);
    await ready;
    expect(engine.ready).toBe(true);
    await engine.createRouter();
  });

  test('waits longer each time a worker dies young, and not at all for one that lived', async () => {
    const clock = new FakeClock();
    await using engine = await startEngine({}, { clock });
    const killAndWait = async () => {
      const [pid] = await pidsOf(engine);
      process.kill(pid!, 'SIGKILL');
      await expect.poll(() => engine.ready, { timeout: withinMs }).toBe(false);
    };
    for (const pauseMs of [100, 200, 400]) {
      await killAndWait();
      clock.advance(pauseMs - 1);
      expect(engine.ready).toBe(false);
      clock.advance(1);
      await engine.whenReady();
    }
    clock.advance(10_000);
    await killAndWait();
    clock.advance(0);
    await engine.whenReady();
  });

  test('kills and replaces a worker that hangs', async () => {
    const clock = new FakeClock();
    const { lines, log } = recordLog();
    await using engine = await startEngine({}, { clock, log });
    const [pid] = await pidsOf(engine);
    process.kill(pid!, 'SIGSTOP');
    for (let samples = 0; samples < 5; samples += 1) clock.advance(2000);
    expect(isAlive(pid!)).toBe(true);
    clock.advance(2000);
    await expect.poll(() => engine.ready, { timeout: withinMs }).toBe(false);
    expect(lines).toContain('media worker hangs and is killed');
    clock.advance(100);
    await engine.whenReady();
  });

  test('leaves a worker alone that answers, however many samples are taken', async () => {
    const clock = new FakeClock();
    await using engine = await startEngine({}, { clock });
    const before = await pidsOf(engine);
    for (let samples = 0; samples < 20; samples += 1) {
      clock.advance(2000);
      await engine.stats();
    }
    expect(await pidsOf(engine)).toEqual(before);
  });

  test('places no routers on a worker that hangs', async () => {
    const clock = new FakeClock();
    await using engine = await startEngine({ workers: 2 }, { clock });
    const routers = [await engine.createRouter(), await engine.createRouter()];
    const [hanging, other] = await pidsOf(engine);
    // Answers come in the order of questions: whatever was asked of the worker before is answered behind this.
    const otherAnswers = () => routers.find(({ workerPid }) => workerPid === other)!.createTransport();
    process.kill(hanging!, 'SIGSTOP');
    for (let samples = 0; samples < 2; samples += 1) {
      clock.advance(2000);
      await otherAnswers();
    }
    for (let count = 0; count < 3; count += 1) expect((await engine.createRouter()).workerPid).toBe(other);
    process.kill(hanging!, 'SIGCONT');
  });

  test('tells of the other workers when one hangs', async () => {
    await using engine = await startEngine({ workers: 2 });
    const [hanging, other] = await pidsOf(engine);
    process.kill(hanging!, 'SIGSTOP');
    expect((await engine.stats()).workers).toMatchObject([{ place: 1, pid: other }]);
    process.kill(hanging!, 'SIGCONT');
    expect(await pidsOf(engine)).toEqual([hanging, other]);
  });

  test('ends its workers when it closes, also one that hangs, and those who wait', async () => {
    const clock = new FakeClock();
    const engine = await startEngine({ workers: 2 }, { clock });
    const pids = await pidsOf(engine);
    process.kill(pids[0]!, 'SIGSTOP');
    await engine.close();
    await engine.close();
    expect(pids.filter(isAlive)).toEqual([]);
    await expect(engine.whenReady()).rejects.toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
    expect(clock.pendingTimers).toBe(0);
  });

  test('says which port is taken when it cannot listen, and leaves no worker behind', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address() as AddressInfo;
    const { lines, log } = recordLog();
    const failure = await startEngine({ port }, { log }).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      option: 'port',
      message: expect.stringMatching(new RegExp(`could not listen on 127\\.0\\.0\\.1 port ${port}: .*in use`)),
    });
    expect(lines).not.toContain('media worker started');
    socket.close();
  });

  test.each([0, 44_444])('says that it is the address when that is of elsewhere, with port %i', async (port) => {
    await expect(startEngine({ listenIp: '192.0.2.1', port })).rejects.toMatchObject({
      option: 'listenIp',
      message: expect.stringContaining('could not listen on 192.0.2.1'),
    });
  });

  test('bound to any address announces addresses that are bound, loopback last', async () => {
    await using engine = await startEngine({ listenIp: '0.0.0.0' });
    const transport = await (await engine.createRouter()).createTransport();
    const addresses = transport.iceCandidates
      .filter(({ protocol }) => protocol === 'udp')
      .map(({ address }) => address);
    expect(addresses).toEqual(engine.announcedAddresses);
    expect(addresses.at(-1)).toBe('127.0.0.1');
  });

  test('announces a configured address instead of the bound one', async () => {
    await using engine = await startEngine({ listenIp: '0.0.0.0', announcedAddress: 'media.example.org' });
    const transport = await (await engine.createRouter()).createTransport();
    expect(transport.iceCandidates.map(({ address }) => address)).toEqual(['media.example.org', 'media.example.org']);
    expect(engine.announcedAddresses).toEqual(['media.example.org']);
  });

  test('gives each worker the next port', async () => {
    // Below the ports that the system gives to whoever asks for a free one: other tests do, at this moment.
    const port = 20_000 + Math.floor(Math.random() * 5_000) * 2;
    await using engine = await startEngine({ workers: 2, port });
    const ports = new Set<number>();
    for (let count = 0; count < 2; count += 1) {
      const transport = await (await engine.createRouter()).createTransport();
      for (const candidate of transport.iceCandidates) ports.add(candidate.port);
    }
    expect([...ports].sort()).toEqual([port, port + 1]);
  });
});
