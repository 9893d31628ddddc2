import { defaultScanners } from './scanners.ts';

/** What a source, and all of them together, may do. Networks are written as `10.0.0.0/8` or as an address alone. */
export interface DefenceOptions {
  /** Who may speak to us; empty is everybody. */
  readonly allow: readonly string[];
  /** Who may not, even if allowed. */
  readonly deny: readonly string[];
  /** Trunks and proxies: neither banned nor held to a rate, for many people speak through each of them. */
  readonly trusted: readonly string[];
  /** What a scanner's `User-Agent` begins with, in any case. */
  readonly scanners: readonly string[];
  /** Requests of one source. Beyond: 503 with Retry-After; beyond {@link floodFactor} times that, nothing is read any more. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  readonly ban: {
    /** So many within {@link withinMs} are too many; 0 bans nobody. */
    readonly offences: number;
    readonly withinMs: number;
    readonly forMs: number;
  };
  /** Beyond each of these new work gets 503 with Retry-After; what runs goes on. */
  readonly load: {
    readonly calls: number;
    readonly callsPerSecond: number;
    readonly dialogs: number;
    readonly transactions: number;
    readonly retryAfterSeconds: number;
  };
  /** Sources that are remembered: of more the one that was quiet for longest is forgotten. */
  readonly sources: number;
}

/** Datagrams are counted before they are read, and a call has several in each direction. */
export const floodFactor = 8;

export const defenceOptions: DefenceOptions = {
  allow: [],
  deny: [],
  trusted: ['127.0.0.0/8', '::1/128'],
  scanners: defaultScanners,
  rate: { perSecond: 50, burst: 200 },
  ban: { offences: 20, withinMs: 60_000, forMs: 600_000 },
  load: { calls: 2_000, callsPerSecond: 200, dialogs: 8_000, transactions: 20_000, retryAfterSeconds: 10 },
  sources: 65_536,
};
