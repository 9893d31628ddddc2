import type { TrunkState } from '../../sip/trunks/trunks.ts';
import { safe } from './sip-call-line.ts';
import { type Output, paint } from './terminal.ts';

/** What has gone by a trunk, and a line for each thing that may keep calls from it. */
export function toTrunkText(state: TrunkState, output: Output): string {
  const { name, calls, minutes, micros, closed, targets, registration } = state;
  const line = (good: boolean, text: string) => `  ${paint(good ? 'green' : 'red', good ? '✓' : '✗', output)} ${text}`;
  const spent = (micros / 1_000_000).toFixed(2);
  const lines = [`${safe(name)}   ${many(calls, 'call')} now; today ${many(minutes, 'minute')} for ${spent}`];
  if (closed) lines.push(line(false, `closed since ${timeOf(closed.atMs)}: ${safe(closed.because)}`));
  for (const { uri, dead, because } of targets)
    lines.push(line(!dead, dead ? `${safe(uri)}: ${safe(because)}` : safe(uri)));
  if (registration) lines.push(line(registration.kind === 'registered', toRegistrationText(registration)));
  return `${lines.join('\n')}\n`;
}

function toRegistrationText({ kind, because, nextMs }: NonNullable<TrunkState['registration']>): string {
  if (kind === 'waiting') return 'not registered yet';
  if (kind === 'registered') return `registered, again at ${timeOf(nextMs)}`;
  return `not registered: ${safe(because)}; tried again at ${timeOf(nextMs)}`;
}

const many = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
const timeOf = (ms: number) => new Date(ms).toISOString();
