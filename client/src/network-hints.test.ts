import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { connectResponse, silence, startScriptedServer } from '../test/scripted-server.ts';
import { roomSnapshot } from '../test/snapshots.ts';
import { createTestClient } from '../test/test-client.ts';
import { watchNetwork } from './network-hints.ts';

/** What a browser has and Node lacks: events of the window and of the document. */
class TestPage extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { visibilityState: 'visible' });

  install(): void {
    Object.assign(globalThis, {
      addEventListener: this.addEventListener.bind(this),
      document: this.document,
    });
  }

  remove(): void {
    for (const name of ['addEventListener', 'document']) Reflect.deleteProperty(globalThis, name);
  }

  show(visibilityState: string): void {
    this.document.visibilityState = visibilityState;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}

describe('in a page', () => {
  let page: TestPage;
  beforeEach(() => {
    page = new TestPage();
    page.install();
  });
  afterEach(() => page.remove());

  const anHour = { reconnectBaseMs: 3_600_000, reconnectCapMs: 3_600_000 };

  it.each([
    ['the network is back', () => page.dispatchEvent(new Event('online'))],
    ['somebody looks at the page', () => page.show('visible')],
  ])('a client that waits tries at once when %s', async (_what, happen) => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, timing: anHour });
    await test.client.connect();
    server.connections[0]?.kill();
    await eventually(() => test.states.some(({ retryInMs }) => retryInMs !== undefined), 'the waiting');
    happen();
    await eventually(() => test.client.state === 'connected', 'the return');
  });

  it('a page that is put away is no reason to try', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, timing: anHour });
    await test.client.connect();
    server.connections[0]?.kill();
    await eventually(() => test.states.some(({ retryInMs }) => retryInMs !== undefined), 'the waiting');
    page.show('hidden');
    expect(test.client.state).toBe('reconnecting');
    page.show('visible');
    await eventually(() => test.client.state === 'connected', 'the return');
    expect(server.connections).toHaveLength(2);
  });

  it('the time that the server asked for is waited for all the same', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server, timing: anHour });
    await test.client.connect();
    const connection = await server.connected(0);
    connection.event('sessionClosing', { reason: 'SERVER_DRAINING', retryAfterMs: 3_600_000 });
    connection.close(4503, 'SERVER_DRAINING');
    await eventually(() => test.states.some(({ retryInMs }) => retryInMs !== undefined), 'the waiting');
    page.dispatchEvent(new Event('online'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.connections).toHaveLength(1);
  });

  it('a connection that did not survive a change of networks is found out at once', async () => {
    await using server = await startScriptedServer({ 'session.ping': () => silence });
    await using test = createTestClient({ server, timing: { probeTimeoutMs: 30 } });
    await test.client.connect();
    page.dispatchEvent(new Event('offline'));
    page.dispatchEvent(new Event('online'));
    await server.connected(1);
    expect(server.connections[0]?.called('session.ping')).toHaveLength(1);
  });

  it('a page that goes away leaves its rooms, one that may come back does not', async () => {
    await using server = await startScriptedServer({
      'room.join': () => roomSnapshot(),
      'session.connect': () => connectResponse(),
    });
    await using test = createTestClient({ server });
    await test.client.connect();
    await test.client.join('standup');
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    await test.client.ping();
    expect(server.connections[0]?.called('room.leave')).toHaveLength(0);
    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: false }));
    await server.call(0, 'room.leave');
  });

  it('media goes over to another network without waiting for the last one to be found silent', async () => {
    const connection = Object.assign(new EventTarget(), { type: 'wifi' });
    const described = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { connection } });
    let changed = 0;
    let moved = 0;
    const stop = watchNetwork({ onChanged: () => changed++, onMoved: () => moved++, onLeaving: () => {} });
    try {
      // An estimate of its speed.
      connection.dispatchEvent(new Event('change'));
      expect([changed, moved]).toEqual([0, 0]);
      connection.type = 'none';
      connection.dispatchEvent(new Event('change'));
      expect([changed, moved]).toEqual([0, 0]);
      connection.type = 'cellular';
      connection.dispatchEvent(new Event('change'));
      expect([changed, moved]).toEqual([1, 1]);
      page.dispatchEvent(new Event('online'));
      page.show('visible');
      expect([changed, moved]).toEqual([3, 2]);
    } finally {
      stop();
      if (described) Object.defineProperty(globalThis, 'navigator', described);
    }
    connection.type = 'wifi';
    connection.dispatchEvent(new Event('change'));
    expect(moved).toBe(2);
  });

  it('a closed client does not listen any more', async () => {
    await using server = await startScriptedServer();
    await using test = createTestClient({ server });
    await test.client.connect();
    await test.client.close();
    page.dispatchEvent(new Event('online'));
    await eventually(() => server.connections[0]?.closed, 'the end');
    expect(server.connections[0]?.called('session.ping')).toHaveLength(0);
  });
});
