import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../core/fake-clock.ts';
import { eventually } from '../../test/support/eventually.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { makeCertificate, testCertificate } from '../../test/support/sip-certificate.ts';
import { openFacade } from '../agent/facade/testing/open-facade.ts';
import { SipCalls, type SipHandlers } from './sip-calls.ts';
import type { SipFailure } from './sip-failure.ts';
import { TlsRelay } from './tls-relay.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

async function listening(server: Server, sockets: Set<Socket>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** TLS before a server that has none, and a wire to it that is listened on and can be cut. */
async function terminator(port: number) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    return socket;
  };
  const bridge = (one: Socket, other: Socket) => {
    one.pipe(other).pipe(one);
    one.on('close', () => other.destroy());
    other.on('close', () => one.destroy());
  };
  const tls = createTlsServer(testCertificate(), (socket) => bridge(keep(socket), keep(connect(port, '127.0.0.1'))));
  const tlsPort = await listening(tls, sockets);
  const heard: Buffer[][] = [];
  let isCut = false;
  const wire = createServer((socket) => {
    const said: Buffer[] = [];
    heard.push(said);
    keep(socket).on('data', (data) => {
      said.push(data);
      // What comes first is heard even then.
      if (isCut) socket.destroy();
    });
    if (!isCut) bridge(socket, keep(connect(tlsPort, '127.0.0.1')));
  });
  return {
    port: await listening(wire, sockets),
    connections: () => heard.length,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    saysOnlyTls(secret: string) {
      for (const said of heard.filter(({ length }) => length > 0)) {
        const all = Buffer.concat(said);
        // A record of the handshake (RFC 8446 section 5.1).
        expect(all[0]).toBe(22);
        for (const word of [secret, 'authenticate', 'INVITE']) expect(all.includes(word)).toBe(false);
      }
    },
  };
}

const options = (handlers: SipHandlers, clock: FakeClock) => ({
  host: '127.0.0.1',
  clock,
  handlers,
  onListenerError: (error: unknown) => {
    throw error;
  },
});

const refusal = (connected: Promise<SipCalls>): Promise<SipFailure> =>
  connected.then(
    () => Promise.reject(new Error('it connected')),
    (error: SipFailure) => error,
  );

describe.skipIf(!requireOrSkip('openssl'))('to a drachtio-server by TLS', () => {
  test('calls are made, and again by TLS after the connection was lost', async () => {
    const [ann, ben] = [await openFacade(), await openFacade()];
    const taken: Promise<unknown>[] = [];
    const call: SipHandlers['call'] = (incoming) => void taken.push(incoming.accept({ sdp }));
    const bens = await SipCalls.connect({ ...options({ call }, ben.clock), port: ben.port, secret: ben.secret });
    onTestFinished(() => bens.close());
    const server = await terminator(ann.port);
    // Not the agent's, whose timers stand still.
    const clock = new FakeClock();
    const { secret } = ann;
    const tls = { ca: testCertificate().cert };
    const anns = await SipCalls.connect({ ...options({}, clock), port: server.port, secret, tls });
    onTestFinished(() => anns.close());
    const why: string[] = [];
    anns.events.on('unreachable', (failure) => {
      why.push(failure.message);
      clock.advance(5_000);
    });
    const place = () => anns.place({ uri: `sip:x@127.0.0.1:${ben.portOf()}`, sdp }).answered;

    const first = await place();
    server.cut();
    expect(await first.ended).toMatchObject({ by: 'lost' });
    await eventually(() => why.length >= 2, 'two attempts that fail', 30_000);
    expect(why[0]).toMatch(new RegExp(`^TLS to 127.0.0.1:${server.port}: `));
    expect(why.join()).not.toContain(secret);
    server.mend();
    await eventually(() => ann.facade.stats.apps === 1, 'the connection', 30_000);
    const second = await place();
    expect([server.connections() > 3, taken.length]).toEqual([true, 2]);
    await second.bye();
    await eventually(() => anns.stats.waiting === 0, 'nothing to wait for');
    await anns.close();
    await eventually(() => ann.facade.stats.apps === 0, 'the end of the connection');
    server.saysOnlyTls(secret);
    expect(clock.pendingTimers).toBe(0);
    ann.clock.advance(5_001);
    await ann.nothingLeft();
    await ben.nothingLeft();
  });

  test('a certificate that somebody else signed, or of another name, is refused before the secret is said', async () => {
    const { port, secret, facade } = await openFacade();
    const server = await terminator(port);
    const clock = new FakeClock();
    const all = { ...options({}, clock), port: server.port, secret };
    const stranger = await refusal(SipCalls.connect({ ...all, tls: { ca: makeCertificate().cert } }));
    expect(stranger).toMatchObject({ reason: 'DISCONNECTED', message: expect.stringMatching(/certificate.*\(.*CERT/) });
    const unknown = await refusal(SipCalls.connect({ ...all, tls: {} }));
    expect(unknown.message).toMatch(/certificate/);
    const tls = { ca: testCertificate().cert };
    const named = await refusal(SipCalls.connect({ ...all, host: 'localhost', tls }));
    expect(named.message).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    expect([stranger, unknown, named].join()).not.toContain(secret);
    server.saysOnlyTls(secret);
    expect([facade.stats.apps, clock.pendingTimers]).toEqual([0, 0]);
  });

  test('a server that is not there, or says nothing, is a failure', async () => {
    const sockets = new Set<Socket>();
    const port = await listening(
      createServer((socket) => void sockets.add(socket.on('error', () => {}))),
      sockets,
    );
    const clock = new FakeClock();
    const all = { ...options({}, clock), secret: 'right', tls: {} };
    const silent = refusal(SipCalls.connect({ ...all, port }));
    await eventually(() => sockets.size === 1, 'the connection');
    clock.advance(10_000);
    expect((await silent).message).toBe(`TLS to 127.0.0.1:${port}: no answer to its handshake`);
    expect((await refusal(SipCalls.connect({ ...all, port: 1 }))).message).toContain('ECONNREFUSED');
    await eventually(() => clock.pendingTimers === 0, 'no timer to be left');
  });

  test('few connections at once are carried, either end is the end of both, and closing ends all', async () => {
    const sockets = new Set<Socket>();
    const echo = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.pipe(socket);
    });
    const server = await terminator(await listening(echo, sockets));
    const clock = new FakeClock();
    const at = { host: '127.0.0.1', port: server.port, ca: testCertificate().cert };
    const relay = await TlsRelay.open({ ...at, clock, failed: () => {} });
    onTestFinished(() => relay.close());
    const join = async () => {
      const socket = connect(relay.port, '127.0.0.1').on('error', () => {});
      const said = once(socket, 'data');
      socket.write('hello');
      expect(String((await said)[0])).toBe('hello');
      return socket;
    };
    const joined = [await join(), await join(), await join(), await join()];
    const more = connect(relay.port, '127.0.0.1').on('error', () => {});
    await once(more, 'close');
    expect([relay.size, server.connections()]).toEqual([4, 4]);
    joined[0]!.destroy();
    await eventually(() => relay.size === 3, 'one less');
    server.cut();
    await eventually(() => relay.size === 0 && joined.every(({ closed }) => closed), 'none');
    server.mend();
    const last = await join();
    const over = once(last, 'close');
    await relay.close();
    await over;
    expect([relay.size, clock.pendingTimers]).toEqual([0, 0]);
  });
});
