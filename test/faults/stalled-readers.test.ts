// Readers that stop reading in a room in which a thousand messages a second are said.

import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LogGap, LogRecord, LogRecords } from '../../proto/gen/types.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { countedFrom } from './member.ts';
import { type Message, RawMember } from './raw-member.ts';

const room = 'busy';
const stalledCount = 20;
/** Each may say 40 at once and 10 a second. */
const senderCount = 120;
const quietSeconds = 4;
const loadSeconds = 10;
const perSecond = 1_000;
const messagesPerTyping = 25;
const tickMs = 10;
const megabyte = 1024 * 1024;
const text = 'x'.repeat(1_000);

/** A heap that is collected often: what the process grows by is what it keeps, and hardly what was not collected yet. */
const nodeOptions = '--max-semi-space-size=4 --max-old-space-size=96';
const options = [
  'gateway.messageRate.burst=10000',
  'gateway.messageRatePerIp.perSecond=100000',
  'gateway.messageRatePerIp.burst=100000',
  'gateway.connectionRate.burst=1000',
  // These members answer no pings: on a machine that is slow today, somebody would be closed for that.
  'gateway.idleTimeoutSeconds=120',
];

/** What a reader is told, in its order. */
class Heard {
  readonly seqs: number[] = [];
  readonly gaps: string[] = [];
  messages = 0;
  typing = 0;

  readonly take = ({ method, params }: Message): void => {
    if (method === 'logRecords') for (const record of (params as LogRecords).records) this.#took(record);
    else if (method === 'logGap') this.gaps.push((params as LogGap).reason);
    else if (method === 'typingChanged') this.typing += 1;
  };

  /** Without a hole and without a record that came twice. */
  isAllBehind(seq: number): boolean {
    return this.seqs.every((each, index) => each === seq + 1 + index);
  }

  #took({ seq, kind }: LogRecord): void {
    this.seqs.push(seq);
    if (kind === 'message') this.messages += 1;
  }
}

const residentBytes = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;

interface Load {
  readonly senders: readonly RawMember[];
  readonly name: string;
  readonly seconds: number;
  /** Called at every tick. */
  readonly look: () => Promise<void>;
}

/** Open loop: what is due is sent, whatever the server does. */
async function speak({ senders, name, seconds, look }: Load): Promise<void> {
  const startMs = performance.now();
  let sent = 0;
  let typed = 0;
  while (sent < seconds * perSecond) {
    const elapsedMs = performance.now() - startMs;
    for (const due = Math.min((elapsedMs * perSecond) / 1000, seconds * perSecond); sent < due; sent++) {
      const clientId = `${name}-${sent}`;
      senders[sent % senders.length]?.post(clientId, 'chat.send', { room, clientId, text });
      // In its place among the messages, also where a slow moment makes many of them due at once. Whoever sends a message has
      // stopped typing by that: it is news each time.
      if (sent % messagesPerTyping !== 0) continue;
      senders[typed % senders.length]?.post(`${name}-typing-${typed}`, 'chat.setTyping', { room, typing: true });
      typed += 1;
    }
    await Promise.all([look(), delay(tickMs)]);
  }
}

/** What the server costs while a room is loud, looked at ten times a second. */
class Costs {
  readonly #server: ServerProcess;
  readonly #startBytes: number;
  #nextLookMs = 0;
  mostBytes = 0;
  mostUnsentBytes = 0;
  droppedAtFirstPull: number | undefined;

  constructor(server: ServerProcess) {
    this.#server = server;
    this.#startBytes = residentBytes(server.pid);
  }

  get grownBytes(): number {
    return this.mostBytes - this.#startBytes;
  }

  readonly look = async (): Promise<void> => {
    if (performance.now() < this.#nextLookMs) return;
    this.#nextLookMs = performance.now() + 100;
    const { pid } = this.#server;
    this.mostBytes = Math.max(this.mostBytes, residentBytes(pid));
    const [unsent = 0, pulls = 0, dropped = 0] = await this.#server.metrics([
      'parley_unsent_bytes',
      'parley_log_pulls_total',
      'parley_ephemeral_events_dropped_total',
    ]);
    this.mostUnsentBytes = Math.max(this.mostUnsentBytes, unsent);
    if (pulls > 0) this.droppedAtFirstPull ??= dropped;
  };
}

interface Stalled {
  readonly member: RawMember;
  readonly heard: Heard;
}

async function joinAndStall(server: ServerProcess, name: string): Promise<Stalled> {
  const member = await RawMember.join(server, name, room);
  const heard = new Heard();
  member.listen(heard.take);
  member.socket.pause();
  return { member, heard };
}

test.skipIf(!requireOrSkip('mediasoup') || process.platform !== 'linux')(
  'readers that stall cost a megabyte each at most, take nothing from others, and get all of it when they read on; who never does is told why it is closed',
  { timeout: 150_000 },
  async () => {
    await using server = await ServerProcess.start({ options, nodeOptions });
    const reader = await RawMember.join(server, 'reader', room);
    const live = new Heard();
    reader.listen(live.take);
    const joining = countedFrom(0, senderCount).map((n) => RawMember.join(server, `sender-${n}`, room));
    const senders = await Promise.all(joining);
    for (const sender of senders) sender.discard();
    const never = await joinAndStall(server, 'never');

    // The same load without them: the store's cache grows with what is written, whoever reads.
    await speak({ senders, name: 'warm-up', seconds: quietSeconds, look: async () => {} });
    const before = new Costs(server);
    await speak({ senders, name: 'before', seconds: quietSeconds, look: before.look });
    const stalled = await Promise.all(countedFrom(0, stalledCount).map((n) => joinAndStall(server, `stalled-${n}`)));
    const typingBefore = live.typing;
    const costs = new Costs(server);
    await speak({ senders, name: 'load', seconds: loadSeconds, look: costs.look });

    expect((await server.metrics(['parley_log_pulls_total']))[0]).toBeGreaterThanOrEqual(stalledCount + 1);
    for (const { member } of stalled) member.socket.resume();

    expect(before.droppedAtFirstPull ?? costs.droppedAtFirstPull).toBeGreaterThan(0);
    expect(costs.mostUnsentBytes).toBeLessThan((stalledCount + 1) * megabyte);
    const added = costs.grownBytes - before.grownBytes * (loadSeconds / quietSeconds);
    expect(added).toBeLessThan(stalledCount * megabyte);

    // A machine that is slow today may refuse some with STORE_BUSY: what was taken is what counts.
    const taken = async () => (await server.metrics(['parley_chat_messages_total']))[0] ?? 0;
    await eventually(async () => live.messages === (await taken()), 'all messages at who reads', 20_000);
    expect(live.messages).toBeGreaterThan((loadSeconds * perSecond) / 2);
    expect(live.isAllBehind(reader.head.seq)).toBe(true);
    expect(live.gaps).toEqual([]);
    const last = live.seqs.at(-1) ?? 0;
    const hasAll = ({ heard }: Stalled) => heard.gaps.length > 0 || (heard.seqs.at(-1) ?? 0) >= last;
    await eventually(() => stalled.every(hasAll), 'everything at those who read on', 20_000);
    for (const { member, heard } of stalled) {
      if (heard.gaps.length === 0) expect(heard.isAllBehind(member.head.seq)).toBe(true);
      else expect(heard.gaps).toEqual(['slow']);
      expect(heard.typing).toBeLessThan(live.typing - typingBefore);
    }

    const connections = senderCount + 1 + stalledCount;
    const isClosed = async () => (await server.metrics(['parley_connections{protocol="json"}']))[0] === connections;
    await eventually(isClosed, 'the end of the one that never reads', 40_000);
    never.member.socket.resume();
    await eventually(() => never.member.close, 'the reason at the one that never read');
    expect(never.member.close).toEqual({ code: 4429, reason: 'SLOW_CONSUMER' });
    expect(never.heard.isAllBehind(never.member.head.seq)).toBe(true);
    expect(await server.metrics(['parley_slow_consumers_closed_total'])).toEqual([1]);
    for (const { socket } of [reader, ...senders, ...stalled.map(({ member }) => member)]) socket.destroy();
  },
);
