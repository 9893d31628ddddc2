import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What the server knows: by name, then by type. Addresses as text, `srv` and `naptr` as their fields. */
export type Zone = Readonly<
  Record<
    string,
    {
      readonly a?: readonly string[];
      readonly aaaa?: readonly string[];
      readonly srv?: readonly (readonly [priority: number, weight: number, port: number, name: string])[];
      readonly naptr?: readonly (readonly [order: number, preference: number, service: string, replacement: string])[];
      /** Types that it fails at for this name. */
      readonly fails?: readonly (keyof typeof types)[];
    }
  >
>;

const types = { a: 1, aaaa: 28, srv: 33, naptr: 35 } as const;

/** A name server on loopback (RFC 1035, RFC 2782, RFC 3403), for a resolver that is the real one. */
export async function startNameServer(zone: Zone, ttl = 60) {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  let silent = false;
  socket.on('message', (query, { address, port }) => {
    const { name, type, end } = readQuestion(query);
    asked.push(name);
    if (silent) return;
    const records = recordsOf(zone, name, type);
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    header.writeUInt16BE(0x8580 | codeOf(zone, name, type), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    const answers = records.map((data) => {
      // The name is the question's, at byte 12.
      const head = Buffer.from([0xc0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
      head.writeUInt16BE(type, 2);
      head.writeUInt32BE(ttl, 6);
      head.writeUInt16BE(data.length, 10);
      return Buffer.concat([head, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    silence: () => {
      silent = true;
    },
    [Symbol.dispose]: () => void socket.close(),
  };
}

/** NXDOMAIN, SERVFAIL or no error. */
function codeOf(zone: Zone, name: string, type: number): 0 | 2 | 3 {
  const entry = zone[name];
  if (entry === undefined) return 3;
  return entry.fails?.some((failing) => types[failing] === type) ? 2 : 0;
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function recordsOf(zone: Zone, name: string, type: number): Buffer[] {
  const entry = zone[name];
  if (type === types.a) return (entry?.a ?? []).map((address) => Buffer.from(address.split('.').map(Number)));
  if (type === types.aaaa) return (entry?.aaaa ?? []).map(writeIPv6);
  if (type === types.srv) {
    return (entry?.srv ?? []).map(([priority, weight, port, target]) =>
      Buffer.concat([numbers(priority, weight, port), domain(target)]),
    );
  }
  if (type !== types.naptr) return [];
  return (entry?.naptr ?? []).map(([order, preference, service, replacement]) =>
    Buffer.concat([numbers(order, preference), text('s'), text(service), text(''), domain(replacement)]),
  );
}

function writeIPv6(address: string): Buffer {
  if (!isIPv6(address)) throw new Error(`${address} is no IPv6 address`);
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groups(head), groups(tail)];
  return numbers(...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right);
}

function numbers(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) buffer.writeUInt16BE(value, at * 2);
  return buffer;
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
}

function domain(name: string): Buffer {
  return Buffer.concat([
    ...name
      .split('.')
      .filter((label) => label !== '')
      .map(text),
    Buffer.from([0]),
  ]);
}
