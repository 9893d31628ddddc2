// Somebody who speaks SIP by hand, and means no good.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { eventually } from './eventually.ts';

export interface RawPeer extends AsyncDisposable {
  readonly port: number;
  /** All that came, in its order. */
  readonly heard: readonly string[];
  readonly bytesHeard: number;
  readonly bytesSent: number;
  send(message: string): void;
  /** The answers to one Call-ID, without 100. */
  answers(callId: string): readonly string[];
}

let last = 0;

export async function startRawPeer(to: number, address = '127.0.0.1'): Promise<RawPeer> {
  const socket: Socket = createSocket('udp4').bind(0, address);
  await once(socket, 'listening');
  const heard: string[] = [];
  let [bytesHeard, bytesSent] = [0, 0];
  socket.on('message', (bytes) => {
    bytesHeard += bytes.length;
    heard.push(bytes.toString('latin1'));
  });
  const { port } = socket.address();
  return {
    port,
    heard,
    get bytesHeard() {
      return bytesHeard;
    },
    get bytesSent() {
      return bytesSent;
    },
    send(message) {
      const bytes = Buffer.from(message);
      bytesSent += bytes.length;
      socket.send(bytes, to, '127.0.0.1');
    },
    answers: (callId) =>
      heard.filter((text) => text.includes(`Call-ID: ${callId}\r\n`) && !text.startsWith('SIP/2.0 100')),
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

export interface RawRequest {
  readonly method: string;
  readonly callId?: string;
  readonly branch?: string;
  /** The sent-by of its Via; 127.0.0.1:9 without. */
  readonly via?: string;
  readonly rport?: boolean;
  readonly fromTag?: string;
  readonly toTag?: string;
  readonly cseq?: number;
  readonly uri?: string;
  readonly fields?: readonly string[];
  readonly body?: string;
}

export function rawRequest({
  method,
  callId = `raw-${++last}`,
  branch = `z9hG4bKraw${++last}`,
  via = '127.0.0.1:9',
  rport = true,
  fromTag = 'from',
  toTag,
  cseq = 1,
  uri = 'sip:ben@127.0.0.1',
  fields = [],
  body = '',
}: RawRequest): string {
  return [
    `${method} ${uri} SIP/2.0`,
    `Via: SIP/2.0/UDP ${via};branch=${branch}${rport ? ';rport' : ''}`,
    `From: <sip:ann@127.0.0.1>;tag=${fromTag}`,
    `To: <sip:ben@127.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq} ${method}`,
    'Max-Forwards: 70',
    'Contact: <sip:ann@127.0.0.1:9>',
    ...fields,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}

/** Until all that was sent before has been read: a good question behind it is answered 200 by the application. */
export async function isAlive(peer: RawPeer): Promise<void> {
  const callId = `alive-${++last}`;
  const question = rawRequest({ method: 'OPTIONS', callId });
  // A datagram may get lost; whoever asks by UDP asks again.
  const ask = setInterval(() => peer.send(question), 500);
  peer.send(question);
  try {
    await eventually(() => peer.answers(callId)[0]?.startsWith('SIP/2.0 200'), 'an answer', 20_000);
  } finally {
    clearInterval(ask);
  }
}
