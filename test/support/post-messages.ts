// A room with a past: messages that were posted before anybody looked.

import { TestSocket } from './rpc-client.ts';
import type { RunningServer } from './start-server.ts';

interface Posting {
  readonly room: string;
  readonly count: number;
  /** From 1 on. */
  readonly textOf: (index: number) => string;
  /** What the identities begin with: posting again in the same room needs others. */
  readonly by?: string;
}

/** One person may send so many at once: the next ones are somebody else's. */
const eachAtMost = 40;

/** Posts messages one after the other, each in the log before the next. */
export async function postMessages(
  server: RunningServer,
  { room, count, textOf, by = 'poster' }: Posting,
): Promise<void> {
  for (let done = 0; done < count; done += eachAtMost) {
    const identity = `${by}-${done / eachAtMost}`;
    const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
    const call = async (id: number, method: string, params: object): Promise<void> => {
      const { error } = await socket.call(id, method, params);
      if (error) throw new Error(`${method}: ${error.message}`);
    };
    await call(1, 'session.connect', { token: server.issueToken({ identity, name: `Poster ${done / eachAtMost}` }) });
    await call(2, 'room.join', { room });
    for (let index = done + 1; index <= Math.min(count, done + eachAtMost); index += 1) {
      await call(index + 2, 'chat.send', { room, clientId: `c${index}`, text: textOf(index) });
    }
    await socket.close();
  }
}
