import { describe, expect, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { mostApps } from './app-listener.ts';
import { longestFrame } from './frame-reader.ts';
import { openFacade } from './testing/open-facade.ts';
import { RawApp } from './testing/raw-app.ts';

const closed = (app: RawApp) => eventually(() => app.closed, 'the connection to be closed');

describe('before the secret is said', () => {
  test('an application is told where the agent listens and which version it speaks', async () => {
    const { port, portOf, secret } = await openFacade(['UDP', 'TCP']);
    const app = await RawApp.connect(port);
    const places = `udp/127.0.0.1:${portOf('UDP')},tcp/127.0.0.1:${portOf('TCP')}`;
    expect(await app.ask(`authenticate|${secret}|tag`)).toBe(`OK|${places}|v0.9.4|${places}`);
  });

  test.each(['wrong', '', 'right ', 'RIGHT', 'righ', 'r'.repeat(500)])('%j is refused, and closed', async (secret) => {
    const { port, facade } = await openFacade();
    const app = await RawApp.connect(port);
    expect(await app.ask(`authenticate|${secret}|`)).toBe('NO|incorrect secret');
    await closed(app);
    expect(facade.stats.apps).toBe(0);
  });

  test.each(['ping', 'route|invite', 'remove_route|invite', 'proxy||', 'nonsense'])(
    '%s is refused, and closed',
    async (what) => {
      const { port } = await openFacade();
      const app = await RawApp.connect(port);
      expect(await app.ask(what)).toBe('NO|not authenticated');
      await closed(app);
    },
  );

  test('nothing is sent into the network, not even what stands before and behind the secret in one piece', async () => {
    const opened = await openFacade();
    const peer = await opened.peer();
    const app = await RawApp.connect(opened.port);
    const options = `sip||\r\nOPTIONS sip:x@127.0.0.1:${peer.port} SIP/2.0\r\n\r\n`;
    for (const what of [`1|${options}`, `2|authenticate|${opened.secret}|`, `3|${options}`]) app.send(what);
    await closed(app);
    expect(app.frames.map((frame) => frame.split('|').slice(1))).toEqual([
      ['response', '1', 'NO', 'not authenticated'],
    ]);
    expect(opened.agent.stats.messages.get('out OPTIONS')).toBeUndefined();
    expect(peer.heard).toEqual([]);
  });

  test('who says nothing for ten seconds is closed', async () => {
    const { port, clock, app } = await openFacade();
    const silent = await RawApp.connect(port);
    const known = await app();
    clock.advance(10_001);
    await closed(silent);
    expect(await known.ask('ping')).toBe('OK|pong');
  });

  test('a frame that is longer than a secret is closed', async () => {
    const { port } = await openFacade();
    const app = await RawApp.connect(port);
    app.socket.write('5000#');
    await closed(app);
  });
});

describe('an application', () => {
  test('is answered pings', async () => {
    const { app } = await openFacade();
    expect(await (await app()).ask('ping')).toBe('OK|pong');
  });

  test('gets what it wants, and no more what it does not want any more, of which the rest is untouched', async () => {
    const { app, peer } = await openFacade();
    const wants = await app('OPTIONS', 'message');
    const other = await peer();
    other.request('OPTIONS', { call: 'first' });
    await wants.next('OPTIONS sip:parley');
    expect(await wants.ask('remove_route|options')).toBe('OK');
    other.request('OPTIONS', { call: 'second' });
    await other.next('SIP/2.0 503');
    other.request('MESSAGE', { call: 'third' });
    await wants.next('MESSAGE sip:parley');
  });

  test('with an unknown type of frame is told so, and closed', async () => {
    const { app } = await openFacade();
    const wrong = await app();
    expect(await wrong.ask('nonsense|x')).toBe('NO|Unknown message type');
    await closed(wrong);
  });

  test.each([
    ['no length', 'hello, I am no frame'],
    ['a length that is a word', 'abc#'],
    ['a length that is negative', '-5#hello'],
    ['a length in hexadecimal', '0x10#hello'],
    ['a length that is too long', `${longestFrame + 1}#`],
    ['more digits than a length has', '0000000041#'],
    ['bytes of a TLS hello', Buffer.from('160301020001', 'hex')],
  ])('with %s is closed, and others go on', async (_, bytes) => {
    const { app } = await openFacade();
    const [wrong, right] = [await app(), await app()];
    wrong.socket.write(bytes);
    await closed(wrong);
    expect(await right.ask('ping')).toBe('OK|pong');
  });

  test('may send its frames byte by byte, or many at once', async () => {
    const { app } = await openFacade();
    const slow = await app();
    slow.socket.setNoDelay(true);
    for (const byte of '6#1|ping6#2|ping') slow.socket.write(byte);
    slow.socket.write('6#3|ping6#4|ping');
    for (const id of ['1', '2', '3', '4']) expect(await slow.next(`|response|${id}|`)).toContain('OK|pong');
  });

  test('that does not read is closed before it fills the memory', async () => {
    const { app, facade } = await openFacade();
    const slow = await app();
    slow.socket.pause();
    // What is said back is as long as what was said.
    const long = `1|sip||\r\nOPTIONS sip:x@255.255.255.255 SIP/2.0\r\nContent-Type: text/plain\r\n\r\n${'x'.repeat(50_000)}`;
    await eventually(
      () => {
        for (let at = 0; at < 20 && slow.socket.writable; at += 1) slow.send(long);
        return facade.stats.apps === 0;
      },
      'the slow reader to be closed',
      20_000,
    );
  });

  test(`of which there are ${mostApps} already is closed as it comes`, async () => {
    const { app, port, facade } = await openFacade();
    const apps = await Promise.all(Array.from({ length: mostApps }, () => app()));
    await closed(await RawApp.connect(port));
    expect(facade.stats.apps).toBe(mostApps);
    apps[0]?.socket.destroy();
    await eventually(() => facade.stats.apps < mostApps, 'a place to be free');
    expect(await (await app()).ask('ping')).toBe('OK|pong');
  });
});
