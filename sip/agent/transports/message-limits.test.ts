import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import type { MessageLimits } from '../messages/limits.ts';
import { transportLimits } from './listen.ts';
import { Transports } from './transports.ts';

const small: MessageLimits = { headBytes: 700, bodyBytes: 100, fieldBytes: 200, fields: 10 };

function message(about: { field?: number; fields?: number; body?: number }): string {
  const { field = 0, fields = 0, body = 0 } = about;
  return [
    'MESSAGE sip:a@192.0.2.1 SIP/2.0',
    'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1;rport',
    'From: <sip:b@x.example>;tag=1',
    'To: <sip:a@x.example>',
    'Call-ID: c',
    'CSeq: 1 MESSAGE',
    ...(field === 0 ? [] : [`X-Long: ${'a'.repeat(field)}`]),
    ...Array.from({ length: fields }, (_, at) => `X-${at}: a`),
    `Content-Length: ${body}`,
    '',
    'b'.repeat(body),
  ].join('\r\n');
}

async function open() {
  const told: string[] = [];
  const transports = await Transports.open(
    [
      { protocol: 'UDP', address: '127.0.0.1', port: 0 },
      { protocol: 'TCP', address: '127.0.0.1', port: 0 },
    ],
    {
      message: () => void told.push('message'),
      fault: (fault) => void told.push(`${fault.answer?.status ?? 'dropped'} ${fault.text}`),
      alive: () => {},
      closed: () => void told.push('closed'),
      dropped: (what) => void told.push(what),
      admits: () => true,
    },
    { ...transportLimits, messages: small },
  );
  onTestFinished(() => transports.close());
  const portOf = (wanted: string) => transports.listening.find(({ protocol }) => protocol === wanted)?.port ?? 0;
  return { told, udp: portOf('UDP'), tcp: portOf('TCP') };
}

const cases = [
  [{ field: 150, fields: 2, body: 100 }, 'message'],
  [{ field: 300 }, '413 a header field is too long'],
  [{ fields: 8 }, '413 too many header fields'],
  [{ body: 101 }, '413 the body is too long'],
  [{ field: 900 }, 'dropped the header is too long'],
] as const;

test('the limits of a message hold for datagrams, each with its answer', async () => {
  const { told, udp } = await open();
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  for (const [about, says] of cases) {
    socket.send(message(about), udp, '127.0.0.1');
    expect(await eventually(() => told.shift(), says)).toBe(says);
  }
});

test('and for connections, which end where nobody knows any more where a message does', async () => {
  const { told, tcp } = await open();
  for (const [about, says] of cases) {
    const socket = connect(tcp, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(message(about));
    const endless = 'body' in about && about.body > 100;
    const first = await eventually(() => told.shift(), says);
    if (endless || says.startsWith('dropped')) expect(['framing', 'closed']).toContain(first);
    else expect(first).toBe(says);
    socket.destroy();
    await eventually(() => told.includes('closed') || first === 'closed', 'the connection to be gone');
    told.length = 0;
  }
});
