import type { Clock } from '../../../core/clock.ts';
import type { RingTarget } from '../../../signaling/calls/ring-target.ts';
import type { TransferHandlers } from '../../../signaling/phones/phone-desk.ts';
import { parseNameAddr } from '../../agent/messages/parse-name-addr.ts';
import { parseReplaces, type Replaces } from '../../agent/messages/parse-replaces.ts';
import { parseUri } from '../../agent/messages/parse-uri.ts';
import type { WaitingCallers } from '../early/waiting-callers.ts';
import type { Resolved } from '../ringing/ring.ts';
import { sameParty } from '../same-party.ts';
import type { Lines } from './lines.ts';
import type { PhoneLine } from './phone-line.ts';

export interface TransferParts {
  readonly clock: Clock;
  readonly lines: Pick<Lines, 'replacedBy'>;
  readonly waiting: Pick<WaitingCallers, 'expect'>;
  /** Where the plan leads who transfers. */
  readonly resolve: (target: RingTarget) => Resolved;
}

/** A transfer that has come to nothing by then is over for the phone that wanted it. Each NOTIFY says that it may hear of it for 60 s more. */
export const transferWithinMs = 55_000;

/** What TransferHandlers.failed says, as the phone is told of it. */
const statusOf: Readonly<Record<string, number>> = {
  busy: 486,
  declined: 603,
  'no-answer': 480,
  unreachable: 404,
  forbidden: 403,
  canceled: 487,
};

/**
 * A phone asks for a transfer (RFC 3515; with Replaces of another call of its own, RFC 5589 section 7). It is told of each step; the
 * line ends after the last one was told. Resolves as that one leaves: whether it arrives is no reason to refuse the next.
 */
export async function transfer(parts: TransferParts, line: PhoneLine, referTo: string): Promise<void> {
  const tell = (status: number, reason: string) => line.call.notifyReferrer(status, reason).catch(() => {});
  const refuse = (status: number, reason: string) => void tell(status, reason);
  const { peer } = line;
  if (peer === undefined) return refuse(481, 'Call/Transaction Does Not Exist');
  if (methodIn(referTo) !== 'INVITE') return refuse(501, 'Not Implemented');
  const other = replacedBy(referTo);
  if (other !== undefined) {
    const found = parts.lines.replacedBy(other);
    // Only calls of its own: another one's would be taken from them.
    if (found?.peer === undefined || !sameParty(found.facts.party, line.facts.party))
      return refuse(481, 'Call/Transaction Does Not Exist');
    return await follow(parts, line, tell, (told) => peer.transfer(found.peer ?? peer, told));
  }
  const found = parts.resolve({ uri: parseNameAddr(referTo)?.uri ?? referTo });
  if (found.kind === 'nowhere')
    return found.failure === 'forbidden' ? refuse(403, 'Forbidden') : refuse(404, 'Not Found');
  const to = found.kind === 'user' ? { user: found.identity } : { number: found.number };
  const forget = found.kind === 'number' ? parts.waiting.expect(peer.identity, to, found.trunks) : () => {};
  await follow(parts, line, tell, (told) => peer.transfer(to, told)).finally(forget);
}

function follow(
  { clock }: TransferParts,
  line: PhoneLine,
  tell: (status: number, reason: string) => Promise<void>,
  begin: (told: TransferHandlers) => void,
): Promise<void> {
  return new Promise((resolve) => {
    let isOver = false;
    const finish = (status: number, reason: string) => {
      if (isOver) return;
      isOver = true;
      deadline.cancel();
      line.finish(tell(status, reason));
      resolve();
    };
    const deadline = clock.after(transferWithinMs, () => finish(408, 'Request Timeout'));
    void tell(100, 'Trying');
    try {
      begin({
        ringing: () => {
          if (!isOver) void tell(180, 'Ringing');
        },
        done: () => finish(200, 'OK'),
        failed: (reason) => finish(statusOf[reason] ?? 503, reason),
      });
    } catch {
      finish(503, 'Service Unavailable');
    }
  });
}

/** What it wants us to send (RFC 3261 section 19.1.1). */
function methodIn(referTo: string): string {
  const uri = parseUri(parseNameAddr(referTo)?.uri ?? referTo);
  return ((uri?.scheme === 'sip' || uri?.scheme === 'sips') && uri.parameters.get('method')) || 'INVITE';
}

/** Of `<sip:…?Replaces=…>`; undefined without one that can be read. */
function replacedBy(referTo: string): Replaces | undefined {
  const uri = parseUri(parseNameAddr(referTo)?.uri ?? referTo);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return undefined;
  for (const [name, value] of uri.headers) if (name.toLowerCase() === 'replaces') return parseReplaces(value);
  return undefined;
}
