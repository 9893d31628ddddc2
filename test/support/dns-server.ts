// Names for programs that are told which name server to ask: SRV records of services (RFC 2782) and IPv4 addresses of hosts.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface DnsRecords {
  /** By name, as in `_sip._tcp.example.test`; the first one is preferred to the second. */
  readonly services?: Readonly<Record<string, readonly { readonly host: string; readonly port: number }[]>>;
  /** By name. */
  readonly hosts?: Readonly<Record<string, string>>;
}

export interface DnsServer extends AsyncDisposable {
  /** At 127.0.0.1, by UDP. */
  readonly port: number;
}

const [typeA, typeSrv, classIn] = [1, 33, 1];
const headerBytes = 12;
const ttlSeconds = 1;
/** An answer to a question that was asked recursively. */
const answerFlags = 0x8180;
/** Where the question has its name: each record is of it. */
const nameOfQuestion = 0xc000 | headerBytes;

/** Of what it has not, it knows nothing: an answer without records. */
export async function startDnsServer({ services = {}, hosts = {} }: DnsRecords): Promise<DnsServer> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const dataOf = (name: string, type: number): readonly Buffer[] => {
    const host = hosts[name];
    if (type === typeA && host !== undefined) return [Buffer.from(host.split('.').map(Number))];
    if (type !== typeSrv) return [];
    return (services[name] ?? []).map((service, at) => {
      const [priority, weight] = [10 * (at + 1), 0];
      return Buffer.concat([...[priority, weight, service.port].map(toUint16), writeName(service.host)]);
    });
  };
  socket.on('message', (question, { address, port }) => {
    const { name, end } = readName(question, headerBytes);
    const type = question.readUInt16BE(end);
    const records = dataOf(name.toLowerCase(), type).map((data) => {
      const head = [nameOfQuestion, type, classIn, 0, ttlSeconds, data.length].map(toUint16);
      return Buffer.concat([...head, data]);
    });
    const head = [question.readUInt16BE(0), answerFlags, 1, records.length, 0, 0].map(toUint16);
    socket.send(Buffer.concat([...head, question.subarray(headerBytes, end + 4), ...records]), port, address);
  });
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
    },
  };
}

function toUint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function writeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function readName(message: Buffer, from: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = from;
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}
