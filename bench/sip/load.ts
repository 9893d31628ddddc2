// sipp on the other core: how many calls it made, and how they went.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer, answerInDialog, receiveRequest, scenario, wholeCall } from '../../test/support/sip-scenario.ts';
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
  /** All others of those that were to be made. */
  readonly failed: number;
  /** Of these: something came that was not the answer they waited for, a 503 most of all. */
  readonly refused: number;
  /** How much later than they should the last of them ended: what is sent again and again succeeds too, seconds later. */
  readonly lateSeconds: number;
}

/** Beyond the time that its calls take: sipp sends again for this long, and gives up. */
const patienceSeconds = 20;

export async function runLoad({ port, transport, perSecond, calls, lastsMs }: Load): Promise<Outcome> {
  const seconds = calls / perSecond + lastsMs / 1_000;
  // A call that is refused is one that failed for sipp, which acknowledges the refusal by itself.
  const most = String(Math.ceil(seconds + patienceSeconds));
  const args = ['-l', '20000', '-max_retrans', '5', '-timeout', most, '-trace_stat', '-fd', '1'];
  await using sipp = await startCaller(port, { scenario: wholeCall(lastsMs), transport, calls, rate: perSecond, args });
  pin(sipp.pid, clientCore);
  const startedMs = performance.now();
  await sipp.ended;
  const lateSeconds = (performance.now() - startedMs) / 1_000 - seconds;
  const counts = lastCounts(sipp.folder);
  const successful = counts('SuccessfulCall(C)');
  return { successful, failed: calls - successful, refused: counts('FailedUnexpectedMessage(C)'), lateSeconds };
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

/** What sipp counted since its start, by the names of its columns. */
function lastCounts(folder: string): (name: string) => number {
  const file = readdirSync(folder).find((name) => name.startsWith('scenario_') && name.endsWith('_.csv'));
  if (file === undefined) throw new Error('sipp counted nothing');
  const lines = readFileSync(join(folder, file), 'latin1').trim().split('\n');
  const names = (lines[0] ?? '').split(';');
  const values = (lines.at(-1) ?? '').split(';');
  return (name) => Number(values[names.indexOf(name)] ?? Number.NaN);
}

/** A process and all that it started: Kamailio works in several. */
export function familyOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}
