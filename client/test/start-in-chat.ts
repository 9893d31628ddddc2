import { eventually } from '../../test/support/eventually.ts';
import type { GapReason } from '../src/chat/log-follower.ts';
import type { Client, ClientOptions, JoinOptions, LogRecord, Room } from '../src/index.ts';
import { ScriptedLog } from './scripted-log.ts';
import { type Answers, type ScriptedServer, startScriptedServer } from './scripted-server.ts';
import { createTestClient } from './test-client.ts';

/** Everything that an application hears of a chat's log, checked as it comes: once, and in order. */
export function hear({ chat }: Room) {
  const heard = { seqs: [] as number[], live: [] as number[], gaps: [] as GapReason[], records: [] as LogRecord[] };
  chat.on('records', ({ records, live }) => {
    for (const record of records) {
      heard.seqs.push(record.seq);
      if (live) heard.live.push(record.seq);
      heard.records.push(record);
    }
  });
  chat.on('gap', ({ reason }) => heard.gaps.push(reason));
  return heard;
}

export interface InChat extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly log: ScriptedLog;
  readonly client: Client;
  readonly room: Room;
  readonly heard: ReturnType<typeof hear>;
  /** Reasons, from before it connected. */
  readonly outboxFailures: readonly string[];
}

export async function startInChat({
  log = new ScriptedLog(),
  answers = {},
  client: options = {},
  join = {},
}: {
  log?: ScriptedLog;
  answers?: Answers;
  client?: Partial<ClientOptions>;
  join?: JoinOptions;
} = {}): Promise<InChat> {
  const server = await startScriptedServer({ ...log.answers(), ...answers });
  const test = createTestClient({ server, ...options });
  const outboxFailures: string[] = [];
  test.client.on('outboxFailed', ({ reason }) => outboxFailures.push(reason));
  await test.client.connect();
  const room = await test.client.join(log.room, join);
  return {
    server,
    log,
    client: test.client,
    room,
    heard: hear(room),
    outboxFailures,
    async [Symbol.asyncDispose]() {
      await test[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Cuts the connection and waits for the next one. `meanwhile` happens before that. */
export async function cut({ server, client }: Pick<InChat, 'server' | 'client'>, meanwhile = () => {}): Promise<void> {
  const before = server.connections.length;
  server.connections.at(-1)?.kill();
  meanwhile();
  await server.connected(before);
  await eventually(() => client.state === 'connected', 'the return');
}
