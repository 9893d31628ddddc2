import type { Dialog } from '../dialogs/dialog.ts';
import type { SipResponse } from '../messages/message.ts';
import { hasOption } from '../messages/option-tags.ts';
import { parseRAck } from '../messages/parse-cseq.ts';
import type { SipHeaders } from '../messages/sip-headers.ts';

/** Phones that one INVITE may ring at. What further ones say is not heard; should one of them accept, it is told that it is over. */
export const mostForks = 32;

/** The early dialogs of an INVITE of ours, and the newest reliable answer of each (RFC 3262 section 4). */
export class Forks {
  readonly #rseqs = new Map<string, number>();

  /** False for a provisional answer that came before: again, or before the one that it follows. */
  admits(response: SipResponse, tag: string): boolean {
    const rseq = reliableNumber(response);
    if (rseq === undefined) return true;
    const last = this.#rseqs.get(tag);
    if (last === undefined ? this.#rseqs.size >= mostForks : rseq !== last + 1) return false;
    this.#rseqs.set(tag, rseq);
    return true;
  }

  /** Which of them a PRACK is for: the newest that numbered an answer so. */
  acknowledgedBy(prack: SipHeaders, dialogs: ReadonlyMap<string, Dialog>): Dialog | undefined {
    const rseq = parseRAck(prack.get('RAck') ?? '')?.rseq;
    let found: Dialog | undefined;
    for (const [tag, dialog] of dialogs) if (this.#rseqs.get(tag) === rseq) found = dialog;
    return found;
  }
}

/** The RSeq of a provisional answer that wants a PRACK. */
export function reliableNumber({ status, headers }: SipResponse): number | undefined {
  const rseq = Number(headers.get('RSeq') ?? Number.NaN);
  const reliable = status > 100 && status < 200 && hasOption(headers, 'Require', '100rel');
  return reliable && Number.isInteger(rseq) ? rseq : undefined;
}
