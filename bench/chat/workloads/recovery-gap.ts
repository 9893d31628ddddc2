// Coming back while messages are published and letting somebody in takes time, as it does where a token or a session
// is looked up.

import { setTimeout as delay } from 'node:timers/promises';
import { io } from 'socket.io-client';
import type { Effort, Findings } from '../../support/findings.ts';
import { Entrant } from '../contest.ts';
import { ours, peers } from '../contestants.ts';
import { dialects } from '../driver/dialects.ts';
import { Follower } from '../driver/follower.ts';
import { readIds } from '../driver/open-loop.ts';
import { RawClient } from '../driver/raw-client.ts';

interface Outcome {
  readonly title: string;
  /** What the client was told. */
  readonly told: string;
  readonly published: number;
  readonly lost: number;
}

const admissionMs = 300;
const everyMs = 10;
const liveMs = 500;
const room = 'gap';

export async function recoveryGap({ step }: Effort): Promise<Findings> {
  step(peers.socketIoRecovery.title);
  const theirs = await withSocketIo();
  step(ours.disk.title);
  const mine = await withParley();
  const outcomes = [theirs, mine];
  return {
    title: 'Coming back while letting in takes 300 ms',
    method: `A message every ${everyMs} ms; the reader’s connection is cut and comes back through a check of ${admissionMs} ms: in Socket.IO an asynchronous middleware with \`connectionStateRecovery\` and \`skipMiddlewares: false\`, in Parley the verification of its token.`,
    table: {
      columns: [
        { title: 'server' },
        { title: 'the reader is told' },
        { title: 'published', align: 'right' },
        { title: 'lost', align: 'right' },
      ],
      rows: outcomes.map(({ title, told, published, lost }) => [title, told, String(published), String(lost)]),
    },
    goals: [
      {
        name: 'gap',
        workload: 'gap',
        goal: `${mine.title}: nothing lost`,
        measured: `${mine.lost} lost, ${mine.told}; Socket.IO ${theirs.lost} lost, ${theirs.told}`,
        reached: mine.lost === 0,
      },
    ],
    notes: [],
    results: outcomes,
  };
}

async function withSocketIo(): Promise<Outcome> {
  await using entrant = await Entrant.start(peers.socketIoRecovery, { admissionMs });
  const seen = new Set<number>();
  const reader = io(`http://127.0.0.1:${entrant.port}`, { transports: ['websocket'], reconnectionDelay: 100 });
  reader.on('m', (text: string) => {
    for (const id of readIds(Buffer.from(text))) seen.add(id);
  });
  await connected(reader);
  await reader.emitWithAck('join', room);
  const publish = await openPublisher(entrant);
  const publishing = publishWhile(publish, async () => {
    await delay(liveMs);
    reader.io.engine.close();
    await connected(reader);
    await delay(liveMs);
  });
  const published = await publishing;
  await delay(liveMs);
  const told = `recovered: ${reader.recovered}`;
  reader.close();
  return { title: entrant.contestant.title, told, published, lost: published - seen.size };
}

function connected(socket: ReturnType<typeof io>): Promise<void> {
  return new Promise((resolve) => {
    socket.once('connect', resolve);
  });
}

async function withParley(): Promise<Outcome> {
  await using entrant = await Entrant.start(ours.disk, { admissionMs });
  const reader = new Follower('reader', entrant.port);
  await reader.connect();
  await reader.join(room);
  const publish = await openPublisher(entrant);
  const published = await publishWhile(publish, async () => {
    await delay(liveMs);
    reader.drop();
    await delay(100);
    await reader.connect();
    await reader.sync();
    await delay(liveMs);
  });
  await delay(liveMs);
  reader.drop();
  const told = reader.gaps === 0 ? 'everything by cursor, no gap' : 'gap';
  return { title: entrant.contestant.title, told, published, lost: published - reader.applied.size };
}

/** Ten of them, since one client may send 10 messages a second. */
async function openPublisher({ port, contestant }: Entrant): Promise<(id: number) => void> {
  const dialect = dialects[contestant.dialect];
  const clients = await Promise.all(
    Array.from({ length: 12 }, async (_, at) => {
      const steps = dialect.enter(room, `publisher-${at}`);
      const client = await RawClient.open({ port, path: dialect.path(room), subprotocol: dialect.subprotocol }, (it) =>
        it.readAll(),
      );
      for (const { send, isAnswer } of steps) {
        const answered = new Promise<void>((resolve) => {
          client.onPayload = (payload) => {
            if (isAnswer(payload)) resolve();
          };
        });
        if (send) {
          client.send(send);
          await answered;
        }
      }
      return client;
    }),
  );
  return (id) =>
    clients[id % clients.length]?.send(dialect.publish({ room, text: `|${String(id).padStart(8, '0')}`, id }));
}

async function publishWhile(publish: (id: number) => void, run: () => Promise<void>): Promise<number> {
  let published = 0;
  const timer = setInterval(() => publish(++published), everyMs);
  try {
    await run();
  } finally {
    clearInterval(timer);
  }
  return published;
}
