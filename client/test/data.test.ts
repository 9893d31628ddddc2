import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import type { Room, RoomDataEvents } from '../src/index.ts';
import { type RealRoom, startRealRoom } from './real-room.ts';
import { startUdpRelay } from './udp-relay.ts';

const canRun = requireOrSkip('mediasoup');
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = ({ payload }: RoomDataEvents['message']) => new TextDecoder().decode(payload);

describe.skipIf(!canRun)('room.data', { timeout: 60_000 }, () => {
  let real: RealRoom;

  beforeAll(async () => {
    real = await startRealRoom({ media: { dataMessagesPerSecond: 1_000 } });
  });
  afterAll(() => real?.[Symbol.asyncDispose]());

  function listen(room: Room): RoomDataEvents['message'][] {
    const heard: RoomDataEvents['message'][] = [];
    room.data.on('message', (message) => heard.push(message));
    return heard;
  }

  /** Says hello until everybody hears it: nothing is kept for those whose channels are not open yet. */
  async function untilHeard(from: Room, ...heards: RoomDataEvents['message'][][]): Promise<void> {
    const hears = (heard: RoomDataEvents['message'][]) => heard.some((message) => message.topic === 'hello');
    let saidAtMs = 0;
    await eventually(
      () => {
        if (performance.now() - saidAtMs > 100) {
          saidAtMs = performance.now();
          from.data.send(bytesOf('hello'), { topic: 'hello' });
        }
        return heards.every(hears);
      },
      'everybody hears',
      30_000,
    );
    for (const heard of heards) heard.splice(0);
  }

  const said = (heard: RoomDataEvents['message'][]) => heard.filter(({ topic }) => topic !== 'hello');

  test('brings messages to everybody else in order, and to those who are named, with who said it', async () => {
    await using ada = await real.join({ identity: 'ada' });
    await using ben = await real.join({ identity: 'ben' });
    await using cleo = await real.join({ identity: 'cleo' });
    const [toAda, toBen, toCleo] = [listen(ada.room), listen(ben.room), listen(cleo.room)];
    await untilHeard(ada.room, toBen, toCleo);

    for (let index = 0; index < 500; index++) {
      const taken = ada.room.data.send(bytesOf(`${index}`), { topic: 'count' });
      expect(taken).toBe(true);
    }
    const expected = Array.from({ length: 500 }, (_, index) => String(index));
    await eventually(() => said(toBen).length >= 500 && said(toCleo).length >= 500, 'all of them');
    expect(said(toBen).map(textOf)).toEqual(expected);
    expect(said(toCleo).map(textOf)).toEqual(expected);
    expect(said(toBen)[0]).toMatchObject({ from: ada.room.peerId, topic: 'count' });

    ada.room.data.send(bytesOf('psst'), { to: [cleo.room.peerId, 'p_nobody'] });
    ada.room.data.send(bytesOf('all'), { reliable: true });
    await eventually(() => said(toBen).length > 500, 'the last word');
    expect(said(toBen).slice(500).map(textOf)).toEqual(['all']);
    await eventually(() => said(toCleo).length >= 502, 'both');
    expect(said(toCleo).slice(500).map(textOf)).toEqual(['psst', 'all']);
    expect(toAda).toEqual([]);
  });

  test('loses nothing on a path that loses nothing, though it may, and carries empty messages', async () => {
    await using ada = await real.join({ identity: 'ada' });
    await using ben = await real.join({ identity: 'ben' });
    const toBen = listen(ben.room);
    await untilHeard(ada.room, toBen);
    ada.room.data.send(bytesOf('late is useless'), { reliable: false, topic: 'lossy' });
    ada.room.data.send(new Uint8Array(), { reliable: true, topic: 'empty' });
    await eventually(() => said(toBen).length >= 2, 'both');
    expect(
      said(toBen)
        .map(({ topic, payload }) => [topic, payload.byteLength])
        .sort(),
    ).toEqual([
      ['empty', 0],
      ['lossy', 15],
    ]);
  });

  test('over a path that loses packets, brings all that is reliable in order, and of the rest most', async () => {
    await using relay = await startUdpRelay();
    await using ada = await real.join({ identity: 'ada' });
    await using ben = await real.join({ identity: 'ben' }, { codec: relay.codec });
    const toBen = listen(ben.room);
    await untilHeard(ada.room, toBen);
    relay.impair({ lossPercent: 5, delayMs: 20 });
    const count = 600;
    for (let index = 0; index < count; index++) {
      ada.room.data.send(bytesOf(`${index}`), { topic: 'reliable' });
      ada.room.data.send(bytesOf(`${index}`), { topic: 'lossy', reliable: false });
    }
    const of = (topic: string) => toBen.filter((message) => message.topic === topic).map(textOf);
    await eventually(() => of('reliable').length >= count, 'all that is reliable', 30_000);
    expect(of('reliable')).toEqual(Array.from({ length: count }, (_, index) => String(index)));
    const lossy = of('lossy');
    expect(new Set(lossy).size, 'nothing comes twice').toBe(lossy.length);
    expect(lossy.length).toBeGreaterThan(count / 2);
  });

  test('refuses what is too large or too much before it is sent', async () => {
    await using ada = await real.join({ identity: 'ada' });
    const refusal = (send: () => boolean) => {
      try {
        return send();
      } catch (error) {
        return (error as { reason: string }).reason;
      }
    };
    expect(refusal(() => ada.room.data.send(new Uint8Array(16_385)))).toBe('DATA_REFUSED');
    expect(refusal(() => ada.room.data.send(new Uint8Array(1), { topic: 'x'.repeat(65) }))).toBe('DATA_REFUSED');
    expect(refusal(() => ada.room.data.send(new Uint8Array(1), { to: Array(65).fill('p') }))).toBe('DATA_REFUSED');
    const outcomes = Array.from({ length: 3_000 }, () => refusal(() => ada.room.data.send(new Uint8Array(1))));
    expect(outcomes).toContain('DATA_REFUSED');
    expect(outcomes.filter((outcome) => outcome === true).length).toBeLessThanOrEqual(2_100);
  });

  test('without the grant publish:data says so, and still hears', async () => {
    await using ada = await real.join({ identity: 'ada' });
    await using ben = await real.join({ identity: 'ben', can: ['join', 'subscribe'] });
    const toBen = listen(ben.room);
    await untilHeard(ada.room, toBen);
    const refusal = await eventually(() => {
      try {
        ben.room.data.send(bytesOf('may I?'));
        return undefined;
      } catch (error) {
        return (error as { reason: string }).reason;
      }
    }, 'the refusal');
    expect(refusal).toBe('GRANT_MISSING');
  });

  test('reaches those whose media stands on another worker', async () => {
    await using spread = await startRealRoom(
      { media: { workers: 2, dataMessagesPerSecond: 1_000 } },
      { placementLimits: { fullAt: 0, minGain: 0 } },
    );
    const people = [];
    for (const identity of ['ada', 'ben', 'cleo', 'dan']) people.push((await spread.join({ identity })).room);
    const heards = people.map(listen);
    for (const [at, room] of people.entries()) {
      await untilHeard(room, ...heards.filter((_, other) => other !== at));
    }
    const metrics = await readMetrics(spread.server.url);
    const routers = [...metrics.matchAll(/^parley_media_worker_routers\{.*\} (\d+)$/gm)].map(([, count]) =>
      Number(count),
    );
    expect(routers).toEqual([1, 1]);
    expect(metrics).toMatch(/^parley_data_messages_total\{direction="sent"\} \d+$/m);
  });

  test('goes on after the media worker was killed', async () => {
    await using ada = await real.join({ identity: 'ada' });
    await using ben = await real.join({ identity: 'ben' });
    const toBen = listen(ben.room);
    await untilHeard(ada.room, toBen);
    process.kill(real.workerPid, 'SIGKILL');
    await untilHeard(ada.room, toBen);
  });
});
