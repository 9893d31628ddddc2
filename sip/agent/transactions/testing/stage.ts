import { FakeClock } from '../../../../core/fake-clock.ts';
import { noBody, type SipMessage, type SipRequest, type SipResponse } from '../../messages/message.ts';
import { parseMessage } from '../../messages/parse-message.ts';
import { SipHeaders } from '../../messages/sip-headers.ts';
import type { ServerTransaction } from '../transaction.ts';
import { TransactionLayer } from '../transaction-layer.ts';

/** A hop that keeps what was sent, and fails when it is told to. */
export class KeptHop {
  readonly transport: string;
  readonly reliable: boolean;
  readonly sentBy = { host: 'us.example', port: 5060 };
  readonly sent: SipMessage[] = [];
  broken: Error | undefined;

  constructor(transport: 'UDP' | 'TCP') {
    this.transport = transport;
    this.reliable = transport !== 'UDP';
  }

  send(bytes: Uint8Array): Promise<void> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const message = parseMessage(bytes);
    if (message.kind === 'fault') throw new Error(message.text);
    this.sent.push(message);
    return Promise.resolve();
  }

  /** Methods and statuses since the last time it was asked. */
  take(): string[] {
    return this.sent.splice(0).map((message) => (message.kind === 'request' ? message.method : String(message.status)));
  }
}

export function stage(transport: 'UDP' | 'TCP', most?: number) {
  const clock = new FakeClock();
  const hop = new KeptHop(transport);
  const told: string[] = [];
  const served: ServerTransaction[] = [];
  const canceled: (ServerTransaction | undefined)[] = [];
  const answered: number[] = [];
  const layer = new TransactionLayer({
    clock,
    ...(most !== undefined && { most }),
    user: {
      request: (transaction) => {
        served.push(transaction);
        transaction.serve({
          failed: (error) => told.push(`failed ${(error as Error).message}`),
          acknowledged: () => told.push('acknowledged'),
          ended: () => told.push('ended'),
        });
      },
      cancel: (_transaction, target) => canceled.push(target),
      ack: () => told.push('ack'),
      strayResponse: (response) => told.push(`stray ${response.status}`),
      answered: (status) => answered.push(status),
    },
  });
  const user = {
    response: (response: SipResponse) => told.push(String(response.status)),
    timedOut: () => told.push('timedOut'),
    transportFailed: (error: unknown) => told.push(`transportFailed ${(error as Error).message}`),
    ended: () => told.push('ended'),
  };
  return { clock, hop, told, served, canceled, answered, layer, user, taken: () => told.splice(0) };
}

export function request(
  method: string,
  change: { branch?: string; host?: string; toTag?: string; cseq?: number } = {},
): SipRequest {
  const { branch = 'z9hG4bKone', host = 'them.example', toTag, cseq = 1 } = change;
  const headers = SipHeaders.of([
    ['Via', `SIP/2.0/UDP ${host};branch=${branch}`],
    ['Max-Forwards', '70'],
    ['From', '<sip:a@them.example>;tag=a'],
    ['To', `<sip:b@us.example>${toTag === undefined ? '' : `;tag=${toTag}`}`],
    ['Call-ID', 'call'],
    ['CSeq', `${cseq} ${method}`],
  ]);
  return { kind: 'request', method, uri: 'sip:b@us.example', headers, body: noBody };
}

export function draft(method: string): SipRequest {
  const made = request(method);
  made.headers.remove('Via');
  made.headers.add('Route', '<sip:proxy.example;lr>');
  return made;
}

/** When a message is sent again, in milliseconds since the beginning. */
export function sendings({ clock, hop }: { clock: FakeClock; hop: KeptHop }, untilMs: number): number[] {
  const times: number[] = [];
  for (let at = 0; at <= untilMs; at += 100) {
    for (const _ of hop.take()) times.push(at);
    clock.advance(100);
  }
  return times;
}
