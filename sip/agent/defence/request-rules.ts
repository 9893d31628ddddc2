import { limitGroup } from '../../../core/ip-address.ts';
import { TokenBucket } from '../../../core/token-bucket.ts';
import type { Judgement } from '../user-agent/guard.ts';
import type { DefenceOptions } from './defence-options.ts';
import type { Ask, Rule } from './rule.ts';
import { scannerIn } from './scanners.ts';
import type { IsTrusted } from './source-rules.ts';
import type { Sources } from './sources.ts';

/** Asked of a request that is well-formed and begins a transaction. */
export function createRequestRules(
  options: DefenceOptions,
  sources: Sources,
  isTrusted: IsTrusted,
  nowMs: number,
): readonly Rule[] {
  const { rate, load } = options;
  const scanners = options.scanners.map((name) => name.toLowerCase());
  const overloaded: Judgement = { status: 503, headers: [['Retry-After', String(load.retryAfterSeconds)]] };
  const calls = new TokenBucket({ perSecond: load.callsPerSecond, burst: load.callsPerSecond }, nowMs);
  const productOf = ({ request }: Ask) => request?.headers.get('User-Agent') ?? '';
  return [
    {
      name: 'scanner',
      answer: 'drop',
      stops: (ask) => scannerIn(productOf(ask), scanners) !== undefined,
      because: (ask) => {
        const scanner = scannerIn(productOf(ask), scanners);
        if (scanner !== undefined) return `its User-Agent begins with ${scanner}`;
        return productOf(ask) === '' ? 'it has no User-Agent' : 'its User-Agent is of no known scanner';
      },
    },
    {
      name: 'rate',
      answer: { status: 503, headers: [['Retry-After', '1']] },
      stops: (ask) => {
        const { address } = ask.remote;
        return !isTrusted(address) && !endsWell(ask) && (sources.find(address)?.requests.waitMs(ask.nowMs) ?? 0) > 0;
      },
      passed: ({ remote: { address }, nowMs: now }) => {
        if (!isTrusted(address)) sources.of(address, now).requests.take(now);
      },
      because: (ask) => {
        const { address } = ask.remote;
        if (isTrusted(address)) return `${address} is trusted`;
        if (endsWell(ask)) return 'it confirms or ends what was taken';
        const waitMs = sources.find(address)?.requests.waitMs(ask.nowMs) ?? 0;
        const allowed = `${rate.perSecond} requests a second, ${rate.burst} at once`;
        return waitMs > 0
          ? `${limitGroup(address)} sent more than ${allowed}`
          : `${limitGroup(address)} keeps to ${allowed}`;
      },
    },
    atMost('transactions', load.transactions, overloaded, beginsSomething),
    atMost('dialogs', load.dialogs, overloaded, beginsDialog),
    atMost('calls', load.calls, overloaded, beginsCall),
    {
      name: 'callsPerSecond',
      answer: overloaded,
      stops: (ask) => beginsCall(ask) && calls.waitMs(ask.nowMs) > 0,
      passed: (ask) => {
        if (beginsCall(ask)) calls.take(ask.nowMs);
      },
      because: (ask) => {
        if (!beginsCall(ask)) return 'it begins no call';
        const more = calls.waitMs(ask.nowMs) > 0;
        return `${more ? 'more than' : 'no more than'} ${load.callsPerSecond} calls began in the last second`;
      },
    },
  ];
}

/** They cost little, and without them a call that was taken would go on for nobody, or be answered again and again. */
const endsWell = ({ inDialog, request }: Ask) => request?.method === 'ACK' || (inDialog && request?.method === 'BYE');
/** What belongs to a call is let by at any load: calls that were taken are to end well. */
const beginsSomething = ({ inDialog, request }: Ask) =>
  !inDialog && request?.method !== 'ACK' && request?.method !== 'CANCEL';
const beginsCall = (ask: Ask) => beginsSomething(ask) && ask.request?.method === 'INVITE';
const beginsDialog = (ask: Ask) => beginsCall(ask) || (beginsSomething(ask) && ask.request?.method === 'SUBSCRIBE');

function atMost(
  name: 'transactions' | 'dialogs' | 'calls',
  most: number,
  answer: Judgement,
  applies: (ask: Ask) => boolean,
): Rule {
  return {
    name,
    answer,
    stops: (ask) => ask.load[name] >= most && applies(ask),
    because: (ask) => (applies(ask) ? `there are ${ask.load[name]} of at most ${most}` : 'it belongs to what runs'),
  };
}
