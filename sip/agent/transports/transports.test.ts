import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../../test/support/eventually.ts';
import { makeResponse } from '../messages/make-response.ts';
import type { SipMessage } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import { invite } from '../messages/testing/sample-messages.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Flow } from './flow.ts';
import { type Listen, transportLimits } from './listen.ts';
import { Transports } from './transports.ts';

async function open(
  listens: readonly Partial<Listen>[],
  limits = {},
  admits = (_address: string) => true,
  alive = (_pong?: boolean) => {},
) {
  const told: { message: SipMessage; hop: Hop; flow: Flow }[] = [];
  const dropped: string[] = [];
  const closed: string[] = [];
  const faults: (number | undefined)[] = [];
  const transports = await Transports.open(
    listens.map((listen) => ({ protocol: 'UDP', address: '127.0.0.1', port: 0, ...listen })),
    {
      message: (message, hop, flow) => told.push({ message, hop, flow }),
      fault: (fault) => faults.push(fault.answer?.status),
      alive: (_flow, pong) => alive(pong),
      closed: (_flow, why) => closed.push(why),
      dropped: (what) => dropped.push(what),
      admits: ({ address }) => admits(address),
    },
    { ...transportLimits, ...limits },
  );
  onTestFinished(() => transports.close());
  const port = (at = 0) => transports.listening[at]?.port ?? 0;
  return { transports, told, dropped, closed, faults, port };
}

async function udp(host = '127.0.0.1') {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const heard: string[] = [];
  socket.on('message', (bytes) => heard.push(bytes.toString()));
  socket.bind(0, host);
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return { socket, heard, port: socket.address().port };
}

async function tcp(port: number) {
  const socket = connect(port, '127.0.0.1');
  const heard: string[] = [];
  socket.on('data', (bytes) => heard.push(bytes.toString()));
  socket.on('error', () => {});
  await once(socket, 'connect');
  onTestFinished(() => void socket.destroy());
  return { socket, heard };
}

test('a connection that is being made when all is closed is given up, and closing twice is closing once', async () => {
  const { transports } = await open([{ protocol: 'TCP' }]);
  const theirs = createServer().listen(0, '127.0.0.1');
  await once(theirs, 'listening');
  onTestFinished(() => void theirs.close());
  const { port } = theirs.address() as { port: number };
  const late = transports.flowTo({ protocol: 'TCP', address: '127.0.0.1', port });
  await Promise.all([expect(late).rejects.toMatchObject({ code: 'CLOSED' }), transports.close()]);
  await transports.close();
  expect(transports.flows).toEqual({ TCP: 0 });
  const after = transports.flowTo({ protocol: 'TCP', address: '127.0.0.1', port });
  await expect(after).rejects.toMatchObject({ code: 'CLOSED' });
});

function via(message: SipMessage | undefined): string | undefined {
  return message?.headers.get('Via');
}

function answer(at: { message: SipMessage; hop: Hop } | undefined): Promise<void> {
  if (at?.message.kind !== 'request') throw new Error('no request');
  return at.hop.send(serializeMessage(makeResponse(at.message, 200)));
}

describe('UDP', () => {
  test.each(['127.0.0.1', '::1'])('with rport the answer goes to where the request came from (%s)', async (address) => {
    const { told, port } = await open([{ address }]);
    const phone = await udp(address);
    phone.socket.send(invite(), port(), address);
    await eventually(() => told.length === 1, 'the request');
    expect(via(told[0]?.message)).toContain(`rport=${phone.port};received=${address}`);
    await answer(told[0]);
    await eventually(() => phone.heard[0]?.startsWith('SIP/2.0 200 OK'), 'the answer');
  });

  test('without rport it goes to the port of the Via, at the address it came from', async () => {
    const { told, port } = await open([{}]);
    const [sender, receiver] = [await udp(), await udp()];
    const text = invite()
      .toString()
      .replace('phone.example:5061', `phone.example:${receiver.port}`)
      .replace(';rport', '');
    sender.socket.send(text, port(), '127.0.0.1');
    await eventually(() => told.length === 1, 'the request');
    expect(via(told[0]?.message)).toMatch(/;received=127\.0\.0\.1$/);
    await answer(told[0]);
    await eventually(() => receiver.heard.length === 1, 'the answer');
    expect(sender.heard).toEqual([]);
  });

  test('what keeps a way open is answered and is no message, and noise is a fault', async () => {
    const { told, faults, port } = await open([{}]);
    const phone = await udp();
    phone.socket.send('\r\n\r\n', port(), '127.0.0.1');
    await eventually(() => phone.heard[0] === '\r\n', 'the pong');
    phone.socket.send('\0\0\0\0 nothing', port(), '127.0.0.1');
    await eventually(() => faults.length === 1, 'the fault');
    expect([told, faults]).toEqual([[], [undefined]]);
  });

  test('a message to a port that nobody listens on, and one that no datagram holds', async () => {
    const { transports } = await open([{}]);
    const flow = await transports.flowTo({ protocol: 'UDP', address: '127.0.0.1', port: 9 });
    await flow.send(Buffer.from('x'));
    await expect(flow.send(Buffer.alloc(70_000))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('of more other sides than the limit allows the oldest is forgotten', async () => {
    const { transports } = await open([{}], { udpFlows: 2 });
    const to = (port: number) => transports.flowTo({ protocol: 'UDP', address: '127.0.0.1', port });
    const [first, second] = [await to(1), await to(2)];
    expect(await to(1)).toBe(first);
    await to(3);
    expect([transports.flows, await to(1)]).toEqual([{ UDP: 2 }, first]);
    expect(await to(2)).not.toBe(second);
  });
});

describe('TCP', () => {
  test('answers go back on the connection, two messages of one chunk are two', async () => {
    const { told, port } = await open([{ protocol: 'TCP' }]);
    const phone = await tcp(port());
    phone.socket.write(Buffer.concat([invite(), invite()]));
    await eventually(() => told.length === 2, 'the requests');
    await answer(told[1]);
    await eventually(() => phone.heard.length === 1, 'the answer');
  });

  test('after the connection is gone the answer goes to the port of the Via', async () => {
    const { told, closed, port } = await open([{ protocol: 'TCP' }]);
    const heard: string[] = [];
    const server = createServer((socket: Socket) => socket.on('data', (bytes) => heard.push(bytes.toString())));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const own = typeof address === 'object' && address !== null ? address.port : 0;
    const phone = await tcp(port());
    phone.socket.write(invite().toString().replace('phone.example:5061', `phone.example:${own}`).replace('UDP', 'TCP'));
    await eventually(() => told.length === 1, 'the request');
    phone.socket.destroy();
    await eventually(() => closed.length === 1, 'the end');
    await answer(told[0]);
    await eventually(() => heard[0]?.startsWith('SIP/2.0 200 OK'), 'the answer');
    told[0]?.flow.close();
    server.close();
  });

  test('a connection that goes there is used again, also when two ask at once', async () => {
    const { transports } = await open([{ protocol: 'TCP' }]);
    const other = await open([{ protocol: 'TCP' }]);
    const target = { protocol: 'TCP' as const, address: '127.0.0.1', port: other.port() };
    const [one, two] = await Promise.all([transports.flowTo(target), transports.flowTo(target)]);
    expect(two).toBe(one);
    expect(await transports.flowTo(target)).toBe(one);
    expect(transports.flows).toEqual({ TCP: 1 });
  });

  test('a refused connection, and a protocol that is not listened on', async () => {
    const { transports } = await open([{ protocol: 'TCP' }]);
    const target = { address: '127.0.0.1', port: 9 };
    await expect(transports.flowTo({ protocol: 'TCP', ...target })).rejects.toMatchObject({ code: 'REFUSED' });
    await expect(transports.flowTo({ protocol: 'UDP', ...target })).rejects.toMatchObject({ code: 'NO_TRANSPORT' });
  });

  test('a stream that cannot be cut ends its connection and nothing else', async () => {
    const { told, dropped, port } = await open([{ protocol: 'TCP' }]);
    const [bad, good] = [await tcp(port()), await tcp(port())];
    bad.socket.write(`GET / HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(bad.socket, 'close');
    good.socket.write(invite());
    await eventually(() => told.length === 1, 'the request of the other');
    expect(dropped).toEqual(['framing']);
  });

  test('a reader that does not read is cut when its queue is full', async () => {
    const { told, dropped, closed, port } = await open([{ protocol: 'TCP' }], { writeQueueBytes: 100_000 });
    const phone = await tcp(port());
    phone.socket.write(invite());
    await eventually(() => told.length === 1, 'the request');
    phone.socket.pause();
    const full = async () => {
      for (;;) await told[0]?.hop.send(Buffer.alloc(50_000));
    };
    const writes = Array.from({ length: 10 }, full);
    await expect(Promise.any(writes.map((write) => write.then(() => undefined)))).rejects.toThrow();
    await eventually(() => closed.length === 1, 'the end');
    expect(dropped).toContain('queue');
  });

  test('more connections of one source than it may have are closed, and so is whoever may not come', async () => {
    const { dropped, port } = await open([{ protocol: 'TCP' }], { connectionsPerSource: 1 });
    await tcp(port());
    const second = await tcp(port());
    await once(second.socket, 'close');
    expect(dropped).toEqual(['source']);
    const closedTo = await open([{ protocol: 'TCP' }], {}, () => false);
    const stranger = await tcp(closedTo.port());
    await once(stranger.socket, 'close');
  });

  test('pings between messages are answered, who asks is told so, and ours gets its pong told apart', async () => {
    const signs: (boolean | undefined)[] = [];
    const { told, port } = await open([{ protocol: 'TCP' }], {}, undefined, (pong) => signs.push(pong));
    const phone = await tcp(port());
    phone.socket.write(
      Buffer.concat([Buffer.from('\r\n\r\n'), Buffer.from(invite().toString().replace(';rport', ';rport;keep'))]),
    );
    await eventually(() => told.length === 1 && phone.heard.join('') === '\r\n', 'the request and the pong');
    expect(via(told[0]?.message)).toContain(';keep=120');
    const other = await open([{ protocol: 'TCP' }], {}, undefined, (pong) => signs.push(pong));
    const flow = await other.transports.flowTo({ protocol: 'TCP', address: '127.0.0.1', port: port() });
    await flow.send(Buffer.from('\r\n\r\n'));
    await eventually(() => signs.length === 3, 'the ping and its pong');
    expect([signs.includes(true), flow.ours, told[0]?.flow.ours]).toEqual([true, true, false]);
    flow.close('pong');
    await eventually(() => other.closed.length === 1, 'the end');
    expect([other.closed, other.dropped]).toEqual([['pong'], ['pong']]);
  });

  test('a quiet connection is closed', async () => {
    const { dropped, port } = await open([{ protocol: 'TCP' }], { idleMs: 50 });
    const phone = await tcp(port());
    await once(phone.socket, 'close');
    expect(dropped).toEqual(['idle']);
  });
});

describe('WebSocket', () => {
  const page = (port: number, protocols: string[], headers = {}) =>
    new WebSocket(`ws://127.0.0.1:${port}`, protocols, { headers });

  test('one frame is one message, without Content-Length too, and the answer comes as text', async () => {
    const { told, port } = await open([{ protocol: 'WS' }]);
    const socket = page(port(), ['sip']);
    await once(socket, 'open');
    onTestFinished(() => socket.terminate());
    socket.send(invite().toString().replace('Content-Length: 5\r\n', ''));
    await eventually(() => told.length === 1, 'the request');
    const heard = once(socket, 'message');
    await answer(told[0]);
    const [bytes, binary] = await heard;
    expect([String(bytes).slice(0, 11), binary, told[0]?.hop.transport]).toEqual(['SIP/2.0 200', false, 'WS']);
  });

  test('another subprotocol, and a page that may not connect, are refused', async () => {
    const { dropped, port } = await open([{ protocol: 'WS', origins: ['https://ours.example'] }]);
    const refusal = async (socket: WebSocket) => String(((await once(socket, 'error')) as [Error])[0].message);
    expect(await refusal(page(port(), ['chat']))).toContain('400');
    expect(await refusal(page(port(), ['sip'], { Origin: 'https://other.example' }))).toContain('403');
    expect(dropped).toEqual(['noise', 'origin']);
    const allowed = page(port(), ['sip'], { Origin: 'https://ours.example' });
    await once(allowed, 'open');
    allowed.terminate();
  });

  test('a frame beyond the limit ends its connection', async () => {
    const { dropped, closed, port } = await open([{ protocol: 'WS' }]);
    const socket = page(port(), ['sip']);
    await once(socket, 'open');
    socket.send(Buffer.alloc(200_000));
    await once(socket, 'close');
    await eventually(() => closed.length === 1, 'the end');
    expect(dropped).toEqual(['framing']);
  });
});

test('what is advertised depends on who is spoken to', async () => {
  const advertise = [
    { address: 'inside.example', towards: ['127.0.0.0/8'] },
    { address: '203.0.113.1', port: 5060 },
  ];
  const { transports, port } = await open([{ advertise }]);
  const inside = await transports.flowTo({ protocol: 'UDP', address: '127.0.0.9', port: 5060 });
  const outside = await transports.flowTo({ protocol: 'UDP', address: '198.51.100.1', port: 5060 });
  expect([inside.sentBy, outside.sentBy]).toEqual([
    { host: 'inside.example', port: port() },
    { host: '203.0.113.1', port: 5060 },
  ]);
});

test('an address that is taken fails with what the system says, and leaves nothing open', async () => {
  const { port } = await open([{ protocol: 'TCP' }]);
  await expect(open([{}, { protocol: 'TCP', port: port() }])).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a network that is none is named', async () => {
  await expect(open([{ advertise: [{ address: 'a', towards: ['10.0.0.0/99'] }] }])).rejects.toThrow(
    '10.0.0.0/99 is no network',
  );
});
