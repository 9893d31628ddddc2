// SIGKILL between commit and acknowledgement: the retry has to find its message.

import { expect, test } from 'vitest';
import type { LogRecord, Receipt } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { countedFrom, Member, seqsOf } from './member.ts';

/** Together no more than the server takes at once however slow its disk is: nothing is refused. */
const people = 50;
/** As many as one of them may send at once. */
const messagesOfEach = 40;
const roomCount = 10;
const maxRounds = 6;
const killAfter = (round: number): number => 1 + 97 * (round % 3);

const roomOf = (person: number): string => `room-${person % roomCount}`;

interface Told {
  readonly id?: string | number;
  readonly result?: Receipt;
  readonly error?: unknown;
}

/** The answers to messages, by their client ids, which the calls have as their ids. */
function receiptsOf(members: readonly Member[]): Map<string, Receipt> {
  const receipts = new Map<string, Receipt>();
  for (const { socket } of members) {
    for (const { id, result, error } of socket.received as Told[]) {
      if (typeof id !== 'string') continue;
      expect(error).toBeUndefined();
      if (result) receipts.set(id, result);
    }
  }
  return receipts;
}

const joinAll = (server: ServerProcess): Promise<Member[]> =>
  Promise.all(countedFrom(0, people).map((person) => Member.join(server, `person-${person}`, roomOf(person))));

function post(member: Member, person: number, clientId: string): void {
  const params = { room: roomOf(person), clientId, text: `this is ${clientId}` };
  member.socket.send({ jsonrpc: '2.0', id: clientId, method: 'chat.send', params });
}

function postAll(members: readonly Member[], idsOf: (person: number) => readonly string[]): void {
  for (const [person, member] of members.entries()) for (const id of idsOf(person)) post(member, person, id);
}

/** Thousands of sends at once, and a kill when some of them are acknowledged. @returns how many retries found their message. */
async function killWhileSending(server: ServerProcess, round: number): Promise<number> {
  const idsOf = (person: number) => countedFrom(0, messagesOfEach).map((n) => `r${round}-p${person}-${n}`);
  const before = await joinAll(server);
  // The machine is gone: with the process goes what it had sent and nobody had read.
  const cut = () => {
    server.signal('SIGKILL');
    for (const { socket } of before) socket.ws.terminate();
  };
  let answers = 0;
  for (const { socket } of before) {
    socket.ws.on('message', (frame: Buffer) => {
      if (frame.includes('"duplicate"') && ++answers === killAfter(round)) cut();
    });
  }
  postAll(before, idsOf);
  await Promise.all(before.map(({ socket }) => eventually(() => socket.closed, 'the cut', 30_000)));
  const acknowledged = receiptsOf(before);

  await server.startAgain();
  const after = await joinAll(server);
  postAll(after, (person) => idsOf(person).filter((id) => !acknowledged.has(id)));
  const open = people * messagesOfEach - acknowledged.size;
  const retried = await eventually(() => {
    const receipts = receiptsOf(after);
    return receipts.size === open ? receipts : undefined;
  }, 'the answers to all retries');

  await expectOnceEach(after, new Map([...acknowledged, ...retried]), `r${round}-`);
  for (const { socket } of after) socket.ws.terminate();
  return [...retried.values()].filter(({ duplicate }) => duplicate).length;
}

async function expectOnceEach(
  members: readonly Member[],
  receipts: ReadonlyMap<string, Receipt>,
  prefix: string,
): Promise<void> {
  const found = new Map<string, LogRecord>();
  for (const [person, member] of members.slice(0, roomCount).entries()) {
    const records = await member.readAll(roomOf(person));
    expect(seqsOf(records)).toEqual(countedFrom(1, records.length));
    for (const record of records) {
      if (!record.clientId.startsWith(prefix)) continue;
      expect(found.has(record.clientId), `${record.clientId} twice`).toBe(false);
      found.set(record.clientId, record);
    }
  }
  expect(found.size).toBe(receipts.size);
  for (const [clientId, { seq, messageId, durability }] of receipts) {
    expect(found.get(clientId)).toMatchObject({ seq, messageId });
    expect(durability).toBe('disk');
  }
}

test.skipIf(!requireOrSkip('mediasoup'))(
  'a server that is killed between commit and acknowledgement has each message once, and retries find theirs',
  { timeout: 150_000 },
  async () => {
    await using server = await ServerProcess.start({ options: ['gateway.connectionRate.burst=1000'] });
    let duplicates = 0;
    for (let round = 1; duplicates === 0; round++) {
      expect(round, 'rounds without a retry that found its message').toBeLessThanOrEqual(maxRounds);
      duplicates = await killWhileSending(server, round);
    }
    expect(duplicates).toBeGreaterThan(0);
  },
);
