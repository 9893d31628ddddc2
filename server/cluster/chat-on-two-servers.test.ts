import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startRedis } from '../../test/support/redis-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { TestSocket } from '../../test/support/rpc-client.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';

const room = 'standup';

interface Event {
  readonly method?: string;
  readonly params?: {
    readonly records?: readonly { readonly seq: number; readonly message?: { readonly text: string } }[];
    readonly reason?: string;
  };
}

async function join(server: RunningServer, identity: string) {
  const socket = await new TestSocket(server.wsUrl, ['parley.v1.json']).opened();
  await socket.call('connect', 'session.connect', { token: server.issueToken({ identity }) });
  const { error } = await socket.call('join', 'room.join', { room });
  expect(error).toBeUndefined();
  const told = (event: string) => (socket.received as Event[]).filter(({ method }) => method === event);
  const messages = () =>
    told('logRecords')
      .flatMap(({ params }) => params?.records ?? [])
      .flatMap(({ seq, message }) => (message === undefined ? [] : [{ seq, text: message.text }]));
  let calls = 0;
  const say = (text: string) => {
    calls += 1;
    return socket.call(`say ${calls}`, 'chat.send', { room, clientId: `${identity}-${text}`, text });
  };
  return { messages, say, gaps: () => told('logGap').map(({ params }) => params?.reason) };
}

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('chat on two servers with one Redis', () => {
  test('is told to everybody in one order, and has an honest gap when Redis was emptied', async () => {
    await using redis = await startRedis();
    const start = (name: string) => startServer({ redis: { url: redis.url }, node: { name } });
    await using one = await start('one');
    await using two = await start('two');
    const ada = await join(one, 'ada');
    const bo = await join(two, 'bo');
    const count = 15;
    const said = Array.from({ length: count }, (_, at) => [ada.say(`a${at}`), bo.say(`b${at}`)]).flat();
    for (const { error } of await Promise.all(said)) expect(error).toBeUndefined();
    for (const person of [ada, bo]) {
      await eventually(() => person.messages().length === 2 * count, 'everything is told');
    }
    expect(bo.messages()).toEqual(ada.messages());
    const seqs = ada.messages().map(({ seq }) => seq);
    expect(new Set(seqs).size).toBe(2 * count);
    expect(seqs).toEqual([...seqs].sort((first, second) => first - second));

    await redis.restart({ empty: true });
    for (const person of [ada, bo]) {
      await eventually(() => person.gaps().includes('epoch'), 'a gap is told', 30_000);
    }
    await eventually(async () => (await ada.say('again')).error === undefined, 'it takes messages again', 30_000);
    await eventually(() => bo.messages().at(-1)?.text === 'again', 'they reach the other server');
  }, 90_000);

  test('loses nothing that was acknowledged when Redis is killed, and repeats nothing that is tried again', async () => {
    await using redis = await startRedis({ aof: 'always' });
    const start = (name: string) => startServer({ redis: { url: redis.url }, node: { name } });
    await using one = await start('one');
    await using two = await start('two');
    const ada = await join(one, 'ada');
    const bo = await join(two, 'bo');
    await ada.say('before');
    const underWay = ['u1', 'u2', 'u3', 'u4', 'u5'];
    const first = underWay.map((text) => ada.say(text));
    await redis.kill();
    await Promise.all(first);
    await redis.restart();
    for (const text of underWay) {
      await eventually(async () => (await ada.say(text)).error === undefined, `${text} is taken`, 30_000);
    }
    const wanted = ['before', ...underWay].sort();
    for (const person of [ada, bo]) {
      await eventually(() => person.messages().length >= wanted.length, 'everything is told', 30_000);
      const texts = person.messages().map(({ text }) => text);
      expect(texts.sort()).toEqual(wanted);
      expect(person.gaps()).toEqual([]);
    }
    expect(bo.messages()).toEqual(ada.messages());
  }, 90_000);

  test('has a gap when Redis comes back as an older copy, and never gives a number twice unnoticed', async () => {
    await using redis = await startRedis({ aof: 'always' });
    const start = (name: string) => startServer({ redis: { url: redis.url }, node: { name } });
    await using one = await start('one');
    await using two = await start('two');
    const ada = await join(one, 'ada');
    const bo = await join(two, 'bo');
    await ada.say('kept');
    const older = await redis.copy();
    for (const text of ['lost1', 'lost2']) await bo.say(text);
    await eventually(() => ada.messages().length === 3, 'everything is told');
    await redis.restart({ from: older });
    // Whoever writes first gives the numbers of what was lost anew.
    await eventually(async () => (await bo.say('anew')).error === undefined, 'it takes messages again', 30_000);
    for (const person of [ada, bo]) {
      await eventually(() => person.gaps().includes('epoch'), 'a gap is told', 30_000);
    }
    await eventually(async () => (await ada.say('after')).error === undefined, 'and from the other server', 30_000);
    for (const person of [ada, bo]) {
      await eventually(() => person.messages().at(-1)?.text === 'after', 'it reaches everybody', 30_000);
    }
  }, 90_000);
});
