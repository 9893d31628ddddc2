// sipp on the other core: how many calls it made, and how they went.

import { readdirSync, readFileSync } from 'node:fs';
import {
  answer,
  answerInDialog,
  pause,
  receive,
  receiveRequest,
  request,
  scenario,
} from '../../test/support/sip-scenario.ts';
import { startCallee, startCaller } from '../../test/support/sip-sipp.ts';
import { clientCore, pin } from '../support/pin.ts';

export interface Load {
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
  readonly perSecond: number;
  readonly calls: number;
  /** How long each lasts. */
  readonly lastsMs: number;
}

export interface Outcome {
  readonly successful: number;
  readonly failed: number;
}

/** INVITE to BYE by the caller. A 503 is a call that failed for the caller, and is acknowledged by sipp itself. */
const call = (lastsMs: number) =>
  scenario(
    request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
    receive(100, true),
    receive(180, true),
    receive(200),
    request('ACK', 1, 'confirmed'),
    pause(lastsMs),
    request('BYE', 2, 'confirmed', { retransmitMs: 500 }),
    receive(200),
  );

export async function runLoad({ port, transport, perSecond, calls, lastsMs }: Load): Promise<Outcome> {
  // A call that is refused is a call that failed: no more of them is made, and none is repeated.
  const args = ['-l', '20000', '-max_retrans', '7', '-timeout', '280'];
  await using sipp = await startCaller(port, { scenario: call(lastsMs), transport, calls, rate: perSecond, args });
  pin(sipp.pid, clientCore);
  await sipp.ended;
  return { successful: lastCount(sipp.log, 'Successful call'), failed: lastCount(sipp.log, 'Failed call') };
}

/** Somebody who picks up, until it is disposed of. */
export async function startAnswering(transport: 'udp' | 'tcp') {
  const steps = scenario(
    receiveRequest('INVITE'),
    answer(200, 'OK', { sdp: true, retransmitMs: 500 }),
    receiveRequest('ACK'),
    receiveRequest('BYE'),
    answerInDialog(200, 'OK'),
  );
  const sipp = await startCallee({ scenario: steps, transport, calls: 10_000_000, args: ['-timeout', '600'] });
  pin(sipp.pid, clientCore);
  return sipp;
}

/** `Failed call | 0 | 17`: since the last line, and in all. */
function lastCount(screen: string, title: string): number {
  const found = [...screen.matchAll(new RegExp(`${title}\\s*\\|\\s*\\d+\\s*\\|\\s*(\\d+)`, 'g'))].at(-1);
  return Number(found?.[1] ?? Number.NaN);
}

/** A process and all that it started: Kamailio works in several. */
export function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}
