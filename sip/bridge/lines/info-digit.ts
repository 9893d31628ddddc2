// Digits in the body of INFO: `application/dtmf-relay` as Cisco wrote it first, and `application/dtmf`, which is the digit alone.

export interface InfoDigit {
  readonly digit: string;
  readonly durationMs: number;
}

const defaultMs = 160;
const [shortestMs, longestMs] = [40, 10_000];
/** Some phones send the event of RFC 4733 in place of the key. */
const byEvent = '0123456789*#ABCD';
const mostBytes = 256;

/** Undefined for a body that tells no digit: hook flash, other types, garbage. */
export function readInfoDigit(contentType: string | undefined, body: string): InfoDigit | undefined {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  if (body.length > mostBytes) return undefined;
  if (type === 'application/dtmf') return read(body.trim().replace(/^signal\s*=\s*/i, ''));
  if (type !== 'application/dtmf-relay') return undefined;
  const signal = field(body, 'signal') ?? '';
  return read(/^1[0-5]$/.test(signal) ? (byEvent[Number(signal)] ?? '') : signal, field(body, 'duration'));
}

function field(body: string, name: string): string | undefined {
  for (const line of body.split(/\r\n|\r|\n/)) {
    const equals = line.indexOf('=');
    if (equals > 0 && line.slice(0, equals).trim().toLowerCase() === name) return line.slice(equals + 1).trim();
  }
  return undefined;
}

function read(key: string, duration?: string): InfoDigit | undefined {
  const digit = key.toUpperCase();
  if (digit.length !== 1 || !byEvent.includes(digit)) return undefined;
  const ms = /^\d{1,6}$/.test(duration ?? '') ? Number(duration) : defaultMs;
  return { digit, durationMs: Math.min(Math.max(ms, shortestMs), longestMs) };
}
