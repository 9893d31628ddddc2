// Many G.711 phones in a process of their own: each has a socket, sends a packet every 20 ms, and counts what it gets.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const host = '127.0.0.1';
const packetBytes = 12 + 160;

export type ToPhones =
  | { readonly type: 'open'; readonly count: number }
  /** Where each sends to, and whether it speaks. */
  | { readonly type: 'call'; readonly targets: readonly { readonly port: number; readonly speaks: boolean }[] }
  | { readonly type: 'count' };
export type FromPhones =
  | { readonly type: 'open'; readonly ports: readonly number[] }
  | { readonly type: 'count'; readonly received: number; readonly sent: number; readonly gapMsP99: number };

const sockets: Socket[] = [];
const lastMs: number[] = [];
const gaps: number[] = [];
let received = 0;
let sent = 0;
let timer: NodeJS.Timeout | undefined;

process.on('message', (message: ToPhones) => {
  if (message.type === 'open') void open(message.count);
  if (message.type === 'call') talk(message.targets);
  if (message.type === 'count') {
    const sorted = gaps.splice(0).sort((one, other) => one - other);
    const gapMsP99 = sorted[Math.floor(sorted.length * 0.99)] ?? 0;
    tell({ type: 'count', received, sent, gapMsP99 });
    received = 0;
    sent = 0;
  }
});

function tell(message: FromPhones): void {
  process.send?.(message);
}

async function open(count: number): Promise<void> {
  const ports: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const socket = createSocket({ type: 'udp4', lookup: (address, _options, callback) => callback(null, address, 4) });
    socket.on('message', () => {
      received += 1;
      const now = performance.now();
      const before = lastMs[index];
      lastMs[index] = now;
      if (before !== undefined && gaps.length < 1_000_000) gaps.push(now - before);
    });
    const listening = once(socket, 'listening');
    socket.bind(0, host);
    await listening;
    sockets.push(socket);
    ports.push(socket.address().port);
  }
  tell({ type: 'open', ports });
}

function talk(targets: readonly { readonly port: number; readonly speaks: boolean }[]): void {
  clearInterval(timer);
  const packets = targets.map(({ speaks }, index) => {
    const packet = Buffer.alloc(packetBytes, 0xff);
    packet.writeUInt16BE(0x8000, 0);
    packet.writeUInt32BE(1000 + index, 8);
    // Loud or silent: what it is does not matter to G.711.
    if (speaks) for (let at = 12; at < packetBytes; at += 1) packet[at] = (at * (index + 7) * 31) & 0xff;
    return packet;
  });
  let sequence = 1;
  let dueMs = performance.now();
  // Phones do not send all at once: a tenth of them every 2 ms.
  let turn = 0;
  timer = setInterval(() => {
    for (; dueMs <= performance.now(); dueMs += 2) {
      for (let index = turn; index < targets.length; index += 10) {
        const packet = packets[index] as Buffer;
        packet.writeUInt16BE(sequence & 0xffff, 2);
        packet.writeUInt32BE((sequence * 160) >>> 0, 4);
        sockets[index]?.send(packet, 0, packetBytes, targets[index]?.port, host);
        sent += 1;
      }
      turn = (turn + 1) % 10;
      if (turn === 0) sequence += 1;
    }
  }, 1);
}
