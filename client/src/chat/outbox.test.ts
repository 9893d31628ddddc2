import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../../test/support/eventually.ts';
import { ScriptedLog } from '../../test/scripted-log.ts';
import { connectResponse, Refusal, silence } from '../../test/scripted-server.ts';
import { messageContent, roomSnapshot } from '../../test/snapshots.ts';
import { cut, startInChat } from '../../test/start-in-chat.ts';
import { createTestClient } from '../../test/test-client.ts';
import { createMemoryOutboxStore } from './memory-outbox-store.ts';
import type { OutboxEntry, OutboxStore } from './outbox-store.ts';

const texts = (log: ScriptedLog) => log.records.map(({ message }) => message?.text);
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

function entry(clientId: string, changes: Partial<OutboxEntry> = {}): OutboxEntry {
  return { room: 'standup', clientId, text: `text of ${clientId}`, mentions: [], createdAtMs: 1, ...changes };
}

describe('sending', () => {
  it('is shown at once, then acknowledged, and gone from the outbox with its record', async () => {
    await using test = await startInChat();
    const states: string[] = [];
    test.room.chat.on('outgoingChanged', (outgoing) => states.push(outgoing.map(({ state }) => state).join()));
    const { clientId, sent } = test.room.chat.send('hello', { replyTo: 'm0', mentions: ['bob'] });
    expect(test.room.chat.outgoing).toMatchObject([{ clientId, text: 'hello', state: 'sending', mentions: ['bob'] }]);
    expect(await sent).toMatchObject({ epoch: 'e1', seq: 1, messageId: 'm1', durability: 'disk', duplicate: false });
    await eventually(() => test.heard.seqs.length === 1, 'the record');
    expect(states).toEqual(['sending', 'sent', '']);
    expect(test.heard.records[0]).toMatchObject({ clientId, message: { text: 'hello' } });
    expect((await test.server.call(0, 'chat.send')).params).toMatchObject({ replyTo: 'm0', mentions: ['bob'] });
  });

  it('sends nothing over a socket that closes, and all of it over the next one', async () => {
    const sockets: WebSocket[] = [];
    const late: number[] = [];
    class Watched extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
      override send(data: Uint8Array | string): void {
        if (this.readyState !== WebSocket.OPEN) late.push(this.readyState);
        super.send(data);
      }
    }
    await using test = await startInChat({ client: { webSocket: Watched } });
    sockets[0]?.close();
    expect(sockets[0]?.readyState).toBe(WebSocket.CLOSING);
    await test.room.chat.send('hello').sent;
    expect(texts(test.log)).toEqual(['hello']);
    expect([sockets.length, late]).toEqual([2, []]);
  });

  it('goes in order, one at a time, whatever is refused for a moment', async () => {
    let calls = 0;
    let open = 0;
    let mostOpen = 0;
    await using test = await startInChat({
      answers: {
        'chat.send': async (params) => {
          open += 1;
          mostOpen = Math.max(mostOpen, open);
          await new Promise((resolve) => setImmediate(resolve));
          open -= 1;
          calls += 1;
          if (calls % 3 === 0) return new Refusal('RATE_LIMITED', 5);
          if (calls % 3 === 1) return new Refusal('WHATEVER', 0, 'UNAVAILABLE');
          return test.log.send(params);
        },
      },
    });
    await Promise.all(numbered(10).map((text) => test.room.chat.send(text).sent));
    expect(texts(test.log)).toEqual(numbered(10));
    expect(mostOpen).toBe(1);
  });

  it('an acknowledgement that is lost is asked for again, and the message is there once', async () => {
    let lost = false;
    await using test = await startInChat({
      answers: {
        'chat.send': (params, connection) => {
          const receipt = test.log.send(params);
          if (lost) return receipt;
          lost = true;
          connection.kill();
          return silence;
        },
      },
    });
    const first = test.room.chat.send('first');
    const second = test.room.chat.send('second');
    await Promise.all([first.sent, second.sent]);
    await eventually(() => test.room.chat.records.length === 1 || test.heard.seqs.length >= 1, 'the record');
    expect(texts(test.log)).toEqual(['first', 'second']);
  });

  it('a retry after a lost acknowledgement gives the duplicate’s receipt', async () => {
    await using test = await startInChat({ client: { timing: { callTimeoutMs: 40 } } });
    test.server.answers['chat.send'] = (params) => {
      const receipt = test.log.send(params);
      return 'duplicate' in receipt && receipt.duplicate ? receipt : silence;
    };
    expect(await test.room.chat.send('hello').sent).toMatchObject({ seq: 1, duplicate: true });
    const clientIds = test.server.connections[0]?.called('chat.send').map(({ params }) => params['clientId']);
    expect(new Set(clientIds).size).toBe(1);
    expect(texts(test.log)).toEqual(['hello']);
  });

  it('a record that comes without its acknowledgement is one', async () => {
    await using test = await startInChat({
      answers: {
        'chat.send': (params, connection) => {
          test.log.send(params);
          test.log.pushTo(connection, ...test.log.records);
          return silence;
        },
      },
    });
    expect(await test.room.chat.send('hello').sent).toMatchObject({ seq: 1, messageId: 'm1' });
    expect(test.room.chat.outgoing).toEqual([]);
  });

  it('what is sent without a connection goes in order when it is back', async () => {
    await using test = await startInChat();
    const sent: Promise<unknown>[] = [];
    await cut(test, () => sent.push(...numbered(5).map((text) => test.room.chat.send(text).sent)));
    await Promise.all(sent);
    await eventually(() => test.heard.seqs.length === 5, 'the records');
    expect(texts(test.log)).toEqual(numbered(5));
    expect(test.heard.seqs).toEqual([1, 2, 3, 4, 5]);
    expect(test.room.chat.outgoing).toEqual([]);
  });

  it('goes on when the session was lost and the room joined again', async () => {
    const log = new ScriptedLog();
    await using test = await startInChat({
      log,
      answers: {
        'session.connect': () => connectResponse(),
        'room.join': (_params, { index }) => roomSnapshot({ peerId: `me ${index}`, log: log.head }),
      },
    });
    const sent: Promise<unknown>[] = [];
    await cut(test, () => sent.push(test.room.chat.send('hello').sent));
    await Promise.all(sent);
    expect(test.room.peerId).toBe('me 1');
    expect(texts(log)).toEqual(['hello']);
  });
});

describe('a message that is refused', () => {
  it.each(['CLIENT_ID_CONFLICT', 'GRANT_MISSING', 'MUTED'])(
    'with %s fails, and those behind it are sent',
    async (reason) => {
      await using test = await startInChat();
      test.server.answers['chat.send'] = (params) =>
        params.text === 'bad' ? new Refusal(reason) : test.log.send(params);
      const bad = test.room.chat.send('bad');
      const good = test.room.chat.send('good');
      await expect(bad.sent).rejects.toMatchObject({ reason });
      await good.sent;
      expect(texts(test.log)).toEqual(['good']);
      expect(test.room.chat.outgoing[0]).toMatchObject({ state: 'failed', text: 'bad', error: { reason } });
    },
  );

  it('is sent again by retry(), under the same client id, or given up by discard()', async () => {
    const store = createMemoryOutboxStore();
    await using test = await startInChat({ client: { outbox: store } });
    test.server.answers['chat.send'] = () => new Refusal('MUTED');
    const [again, never] = [test.room.chat.send('again'), test.room.chat.send('never')];
    await expect(never.sent).rejects.toMatchObject({ reason: 'MUTED' });
    test.server.answers['chat.send'] = (params) => test.log.send(params);
    test.room.chat.discard(never.clientId);
    test.room.chat.retry(again.clientId);
    await eventually(() => test.log.records.length === 1, 'the message');
    expect(test.log.records[0]).toMatchObject({ clientId: again.clientId });
    const owner = `${test.server.url} ada`;
    await eventually(async () => (await store.load(owner)).length === 0, 'an empty store');
  });

  it('because the server cannot keep it is sent as soon as the server says that it can, whenever it was to be tried again', async () => {
    await using test = await startInChat({ answers: { 'chat.send': () => new Refusal('STORE_UNAVAILABLE', 59_000) } });
    const [connection] = test.server.connections;
    connection?.event('storeChanged', { state: 'down', sinceMs: 1 });
    const { sent } = test.room.chat.send('hello');
    await eventually(() => connection?.called('chat.send').length === 1, 'a refusal');
    test.server.answers['chat.send'] = (params) => test.log.send(params);
    const isUp = () => {
      connection?.event('storeChanged', { state: 'down', sinceMs: 1 });
      connection?.event('storeChanged', { state: 'up', sinceMs: 2 });
      return test.log.records.length === 1;
    };
    await eventually(isUp, 'the message');
    await sent;
  });

  it('however often is tried again soon once the server can keep it', async () => {
    await using test = await startInChat({
      answers: { 'chat.send': () => new Refusal('STORE_UNAVAILABLE') },
      client: { timing: { retryCapMs: 60_000 } },
    });
    const [connection] = test.server.connections;
    const { sent } = test.room.chat.send('hello');
    for (let tries = 1; tries <= 20; tries++) {
      await eventually(() => (connection?.called('chat.send').length ?? 0) >= tries, 'one more refusal');
      connection?.event('storeChanged', { state: 'down', sinceMs: 1 });
      connection?.event('storeChanged', { state: 'up', sinceMs: 2 });
    }
    test.server.answers['chat.send'] = (params) => test.log.send(params);
    await sent;
  });

  it('that would have to wait for more than a minute fails', async () => {
    await using test = await startInChat({ answers: { 'chat.send': () => new Refusal('SLOW_MODE', 61_000) } });
    await expect(test.room.chat.send('hello').sent).rejects.toMatchObject({
      reason: 'SLOW_MODE',
      retryAfterMs: 61_000,
    });
  });

  it('by a server that fails at it again and again fails', async () => {
    await using test = await startInChat({ answers: { 'chat.send': () => new Refusal('INTERNAL') } });
    await expect(test.room.chat.send('hello').sent).rejects.toMatchObject({ reason: 'INTERNAL' });
    expect(test.server.connections[0]?.called('chat.send')).toHaveLength(5);
  });
});

describe('the outbox', () => {
  it('refuses a message more than 500 with OUTBOX_FULL', async () => {
    await using test = await startInChat({ answers: { 'chat.send': () => silence } });
    for (const text of numbered(500)) test.room.chat.send(text);
    expect(() => test.room.chat.send('one more')).toThrow(expect.objectContaining({ reason: 'OUTBOX_FULL' }));
    expect(test.room.chat.outgoing).toHaveLength(500);
  });

  it('that is full is sent after a reload, in order and once', async () => {
    const outbox = createMemoryOutboxStore();
    const log = new ScriptedLog();
    await using test = await startInChat({ log, client: { outbox } });
    let taken = 0;
    // One is taken, and its acknowledgement lost with the page.
    test.server.answers['chat.send'] = (params) => {
      if (taken++ === 0) log.send(params);
      return silence;
    };
    for (const text of numbered(499)) test.room.chat.send(text);
    await eventually(() => taken === 1, 'the first');
    await test.client.close();

    test.server.answers['chat.send'] = (params) => log.send(params);
    await using after = createTestClient({ server: test.server, outbox });
    await after.client.connect();
    const room = await after.client.join('standup');
    await room.chat.send('new').sent;
    expect(texts(log)).toEqual([...numbered(499), 'new']);
    await eventually(async () => (await outbox.load(`${test.server.url} ada`)).length === 0, 'an empty store');
  });

  it('that an earlier life had sent without hearing of it is not shown beside its record', async () => {
    const store = createMemoryOutboxStore();
    const fake: OutboxStore = { ...store, load: async () => [entry('a')] };
    const log = new ScriptedLog();
    log.append({ clientId: 'a', identity: 'ada', message: messageContent('text of a') });
    log.fill(2);
    await using test = await startInChat({ log, client: { outbox: fake } });
    await test.server.call(0, 'chat.send');
    await eventually(() => test.room.chat.outgoing.length === 0, 'the receipt');
    await test.room.chat.loadOlder();
    expect(test.room.chat.records.map(({ clientId }) => clientId)).toEqual(['a', 'c2', 'c3']);
  });

  it('takes over what another tab has left when the connection comes back', async () => {
    const store = createMemoryOutboxStore();
    await using test = await startInChat({ client: { outbox: store } });
    await test.room.chat.send('its own').sent;
    await cut(test, () => void store.put(`${test.server.url} ada`, entry('left')));
    await eventually(() => texts(test.log).length === 2, 'the message');
    expect(texts(test.log)).toEqual(['its own', 'text of left']);
    await eventually(() => test.room.chat.outgoing.length === 0, 'its record');
  });

  it('shows what failed in an earlier life as failed', async () => {
    const store = createMemoryOutboxStore();
    const failure = { reason: 'MUTED', message: 'You may not write.' };
    const fake: OutboxStore = { ...store, load: async () => [entry('a', { failure })] };
    await using test = await startInChat({ client: { outbox: fake } });
    await eventually(() => test.room.chat.outgoing.length === 1, 'the message');
    expect(test.room.chat.outgoing).toMatchObject([{ clientId: 'a', state: 'failed', error: { reason: 'MUTED' } }]);
    expect(test.server.connections[0]?.called('chat.send')).toEqual([]);
  });

  const failing = () => Promise.reject(new Error('QuotaExceededError'));
  const hanging = () => new Promise<never>(() => {});
  it.each<[string, OutboxStore]>([
    ['fails', { load: failing, put: failing, remove: failing, close: failing }],
    ['fails at writing', { load: async () => [], put: failing, remove: failing, close: failing }],
    ['hangs', { load: hanging, put: hanging, remove: hanging, close: hanging }],
  ])('whose store %s says so once, and sends from memory', async (_how, outbox) => {
    await using test = await startInChat({ client: { outbox, timing: { storeTimeoutMs: 20 } } });
    await Promise.all(numbered(3).map((text) => test.room.chat.send(text).sent));
    expect(texts(test.log)).toEqual(numbered(3));
    expect(test.outboxFailures).toEqual(['OUTBOX_UNAVAILABLE']);
  });

  it('does not send under another name what somebody else has written', async () => {
    const log = new ScriptedLog();
    await using test = await startInChat({
      log,
      answers: {
        'session.connect': (_params, { index }) => connectResponse({ identity: index === 0 ? 'ada' : 'eve' }),
        'chat.send': (params, { index }) => (index === 0 ? silence : log.send(params)),
      },
    });
    const { sent } = test.room.chat.send('of Ada');
    await test.server.call(0, 'chat.send');
    await cut(test);
    await expect(sent).rejects.toMatchObject({ reason: 'IDENTITY_CHANGED' });
    await test.room.chat.send('of Eve').sent;
    expect(texts(log)).toEqual(['of Eve']);
  });

  it('close() ends what waits with CLIENT_CLOSED and leaves it in the store', async () => {
    const store = createMemoryOutboxStore();
    await using test = await startInChat({ client: { outbox: store }, answers: { 'chat.send': () => silence } });
    const { sent } = test.room.chat.send('hello');
    await test.client.close();
    await expect(sent).rejects.toMatchObject({ reason: 'CLIENT_CLOSED' });
    expect(await store.load(`${test.server.url} ada`)).toMatchObject([{ text: 'hello' }]);
  });

  it('keeps what waits for a room that was left until it is joined again', async () => {
    await using test = await startInChat({ answers: { 'chat.send': () => silence } });
    const { sent } = test.room.chat.send('hello');
    await test.room.leave();
    test.server.answers['chat.send'] = (params) => test.log.send(params);
    await test.client.join('standup');
    expect(await sent).toMatchObject({ seq: 1 });
  });
});
