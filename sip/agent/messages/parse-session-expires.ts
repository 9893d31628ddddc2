import { parseParameters } from './parameters.ts';

/** RFC 4028 section 4. */
export interface SessionExpires {
  /** Seconds. */
  readonly interval: number;
  readonly refresher?: 'uac' | 'uas';
}

export function parseSessionExpires(text: string): SessionExpires | undefined {
  const [number = '', ...rest] = text.split(';');
  const interval = parseDeltaSeconds(number);
  if (interval === undefined) return undefined;
  const refresher = parseParameters(rest.join(';')).get('refresher')?.toLowerCase();
  return refresher === 'uac' || refresher === 'uas' ? { interval, refresher } : { interval };
}

/** Seconds of Expires, Min-SE, Retry-After: 0 to 2^32 - 1, more is that (RFC 3261 section 20.19). */
export function parseDeltaSeconds(text: string): number | undefined {
  const digits = /^\s*(\d+)/.exec(text)?.[1];
  return digits === undefined ? undefined : Math.min(Number(digits), 2 ** 32 - 1);
}
