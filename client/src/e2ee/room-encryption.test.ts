import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { type Answers, connectResponse, startScriptedServer } from '../../test/scripted-server.ts';
import { roomSnapshot } from '../../test/snapshots.ts';
import { createTestClient } from '../../test/test-client.ts';
import { createToneTrack } from '../../test/tracks.ts';
import { createWrtcDevice } from '../../test/wrtc-device.ts';
import type { ClientOptions, JoinOptions, RoomEvents } from '../index.ts';

const encrypted = { direct: '', e2ee: true } as const;
const open = { direct: '', e2ee: false } as const;
const key = new Uint8Array(32).fill(7);
/** What an application gives that never started a worker. */
const e2ee = {
  worker: (): Worker => {
    throw new Error('no worker here');
  },
};

async function start(answers: Answers, options: Partial<ClientOptions> = {}) {
  const server = await startScriptedServer({
    'session.connect': () => connectResponse(),
    'room.leave': () => ({}),
    ...answers,
  });
  const test = createTestClient({ server, ...options });
  await test.client.connect();
  return {
    server,
    client: test.client,
    join: (joining?: JoinOptions) => test.client.join('standup', joining),
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a room that is to be encrypted', () => {
  test('has the name that it was asked for by, whatever the server calls it: frames of another one are not taken', async () => {
    await using test = await start({ 'room.join': () => roomSnapshot({ room: 'other', options: encrypted }) });
    expect((await test.join()).name).toBe('standup');
  });

  test('is left at once when it is not, and asked for as it is to be', async () => {
    await using test = await start({ 'room.join': () => roomSnapshot({ options: open }) });
    await expect(test.join({ e2ee: true })).rejects.toMatchObject({ reason: 'E2EE_NOT_OFFERED' });
    const [asked] = test.server.connections[0]?.called('room.join') ?? [];
    expect(asked?.params).toMatchObject({ options: { e2ee: true } });
    await test.server.call(0, 'room.leave');
  });

  test('that is offered open to others is joined without a demand, and says so', async () => {
    await using test = await start({ 'room.join': () => roomSnapshot({ options: open }) });
    expect((await test.join()).e2ee.enabled).toBe(false);
  });

  test.each(['its session is resumed', 'it is joined again'])(
    'is left for good when it is no more, after %s: nothing is sent in clear',
    async (how) => {
      let options: typeof encrypted | typeof open = encrypted;
      await using test = await start({
        'room.join': () => roomSnapshot({ options }),
        'session.connect': ({ resume }) => {
          const resumed = resume !== undefined && how === 'its session is resumed';
          return connectResponse({ resumed, rooms: resumed ? [roomSnapshot({ options })] : [] });
        },
      });
      const room = await test.join();
      expect(room.e2ee.enabled).toBe(true);
      const left: RoomEvents['left'][] = [];
      room.on('left', (event) => left.push(event));
      options = open;
      test.server.connections[0]?.kill();
      await eventually(() => left.length === 1, 'it is left');
      expect(left[0]).toMatchObject({
        reason: 'refused',
        explanation: expect.stringContaining('end-to-end encrypted'),
      });
      expect(room.e2ee.enabled).toBe(true);
      const again = test.server.connections[1]?.called('room.join') ?? [];
      if (how === 'it is joined again') expect(again[0]?.params).toMatchObject({ options: { e2ee: true } });
      await expect(room.e2ee.setKey(0, key)).rejects.toMatchObject({ reason: 'NOT_IN_ROOM' });
    },
  );
});

describe('room.data of an encrypted room', () => {
  test('sends and receives nothing, whatever the server would take', async () => {
    await using test = await start(
      { 'room.join': () => roomSnapshot({ options: encrypted }) },
      { e2ee, device: createWrtcDevice },
    );
    const { data } = await test.join();
    data.on('message', () => {});
    expect(() => data.send(key)).toThrow(expect.objectContaining({ reason: 'E2EE_REFUSES' }));
    expect(() => data.send(key)).toThrow('data messages');
    expect(test.server.connections[0]?.called('media.createTransport')).toEqual([]);
  });
});

describe('room.e2ee', () => {
  test('takes keys of enough bytes under an index of one byte only, and repeats nothing of them', async () => {
    await using test = await start({ 'room.join': () => roomSnapshot({ options: encrypted }) });
    const { e2ee: encryption } = await test.join();
    const wrong: [number, unknown][] = [
      [-1, key],
      [256, key],
      [0.5, key],
      [0, key.slice(0, 15)],
      [0, 'sesame-sesame-sesame'],
      [0, undefined],
    ];
    for (const [index, given] of wrong) {
      const refused = await encryption.setKey(index, given as Uint8Array).catch((error: unknown) => error);
      expect(refused).toMatchObject({ reason: 'BAD_REQUEST' });
      expect(JSON.stringify(refused)).not.toContain('sesame');
    }
    expect(encryption.keyIndex).toBeUndefined();
  });

  test.each([
    ['a worker', {}],
    ['a platform that can', { e2ee }],
  ])('without %s fails with E2EE_UNSUPPORTED, and nothing is sent', async (_, options) => {
    await using test = await start(
      { 'room.join': () => roomSnapshot({ options: encrypted }) },
      { ...options, device: createWrtcDevice },
    );
    const room = await test.join();
    await expect(room.e2ee.setKey(0, key)).rejects.toMatchObject({ reason: 'E2EE_UNSUPPORTED' });
    using tone = createToneTrack();
    await expect(room.publish(tone.track, { source: 'microphone' })).rejects.toMatchObject({
      reason: 'E2EE_UNSUPPORTED',
    });
    expect(test.server.connections[0]?.called('media.createTransport')).toEqual([]);
  });
});
