// A person whose connections come and go all the time is there all the time, as far as the log is concerned.

import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { TestSocket } from '../support/rpc-client.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';

const room = 'standup';

async function connect({ wsUrl, issueToken }: RunningServer, identity: string): Promise<TestSocket> {
  const socket = await new TestSocket(wsUrl, ['parley.v1.json']).opened();
  await socket.call(1, 'session.connect', { token: issueToken({ identity }) });
  const joined = await socket.call(2, 'room.join', { room });
  expect(joined.error).toBeUndefined();
  return socket;
}

/** What the log says, once it says of `witness`, who joins last. */
async function comingsOf(server: RunningServer, witness: string): Promise<string[]> {
  const socket = await connect(server, witness);
  let id = 3;
  const read = async () => {
    const { result } = await socket.call(id++, 'log.read', { room, limit: 200 });
    const records = (result?.['records'] ?? []) as LogRecord[];
    const told = records.map(({ kind, identity }) => `${kind} ${identity}`);
    return told.includes(`joined ${witness}`) ? told : undefined;
  };
  return eventually(read, 'the log telling of the witness');
}

describe.skipIf(!requireOrSkip('mediasoup'))('50 quick reconnects of one person', () => {
  test('write one join, whether the connection is cut or closed or the room is left', async () => {
    await using server = await startServer();
    for (let index = 0; index < 50; index++) {
      const socket = await connect(server, 'ada');
      if (index % 3 === 0) await socket.call(3, 'room.leave', { room });
      if (index % 3 === 1) socket.ws.terminate();
      else await socket.close();
    }
    expect(await comingsOf(server, 'bob')).toEqual(['joined ada', 'joined bob']);
  });

  test('on several devices at once write one join', async () => {
    await using server = await startServer();
    const flap = async (device: number) => {
      for (let index = 0; index < 10; index++) {
        const socket = await connect(server, 'ada');
        await socket.call(3, device % 2 === 0 ? 'room.leave' : 'room.listPeers', { room });
        await socket.close();
      }
    };
    await Promise.all([0, 1, 2, 3, 4].map(flap));
    expect(await comingsOf(server, 'bob')).toEqual(['joined ada', 'joined bob']);
  });

  test('through plain chat write one join', async () => {
    await using server = await startServer();
    const token = server.issueToken({ identity: 'ada' });
    for (let index = 0; index < 50; index++) {
      const socket = await new TestSocket(`${server.chatUrl}?room=${room}&token=${token}`).opened();
      await socket.close();
    }
    const told = await comingsOf(server, 'bob');
    expect(told.filter((record) => record === 'joined ada').length).toBeLessThanOrEqual(1);
    expect(told.filter((record) => record === 'left ada')).toEqual([]);
  });
});
