import { type Dialog, dialogKey, keyOfRequest } from '../dialogs/dialog.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseReplaces, type Replaces } from '../messages/parse-replaces.ts';
import type { SipHeaders } from '../messages/sip-headers.ts';
import type { Session } from './session.ts';

export interface KnownDialog {
  readonly dialog: Dialog;
  readonly session: Session;
}

/** Which dialog a message belongs to. As many as there are sessions and forks of them, both of which have their bounds. */
export class DialogTable {
  readonly #dialogs = new Map<string, KnownDialog>();

  get size(): number {
    return this.#dialogs.size;
  }

  add(dialog: Dialog, session: Session): void {
    this.#dialogs.set(dialog.key, { dialog, session });
  }

  remove(dialog: Dialog): void {
    if (this.#dialogs.get(dialog.key)?.dialog === dialog) this.#dialogs.delete(dialog.key);
  }

  of(request: SipRequest): KnownDialog | undefined {
    const key = keyOfRequest(request);
    return key === undefined ? undefined : this.#dialogs.get(key);
  }

  /** Whose answer to a request of ours it is: From is us. */
  ofAnswer({ headers }: SipResponse): KnownDialog | undefined {
    const [ours, theirs] = [tagOf(headers.get('From')) ?? '', tagOf(headers.get('To')) ?? ''];
    return this.#dialogs.get(dialogKey(headers.get('Call-ID') ?? '', ours, theirs));
  }

  /** What an INVITE is refused with that wants to take the place of nothing that is here, or says it in no way that can be read. */
  refusalOf(headers: SipHeaders): 400 | 481 | 486 | 603 | undefined {
    const [said, ...more] = headers.all('Replaces');
    if (said === undefined) return undefined;
    const replaces = more.length > 0 ? undefined : parseReplaces(said);
    if (replaces === undefined) return 400;
    const found = this.replacedBy(replaces);
    return typeof found === 'number' ? found : undefined;
  }

  /**
   * Which dialog an INVITE with Replaces means, or with which status it is to be refused (RFC 3891 section 3): 481 for none, or for
   * one that only rings here, which cannot be picked up this way; 486 for one that was accepted, though only ringing ones are meant;
   * 603 for one that is over.
   */
  replacedBy({ callId, toTag, fromTag, earlyOnly }: Replaces): KnownDialog | 481 | 486 | 603 {
    // To is us. Agents of RFC 2543 have no tag, which is written as 0 (section 6.1).
    const plain = (tag: string) => (tag === '0' ? '' : tag);
    const known =
      this.#dialogs.get(dialogKey(callId, toTag, fromTag)) ??
      this.#dialogs.get(dialogKey(callId, plain(toTag), plain(fromTag)));
    if (known === undefined) return 481;
    const { dialog, session } = known;
    if (session.ended) return 603;
    if (dialog.state === 'confirmed') return earlyOnly ? 486 : known;
    return dialog.role === 'uac' ? known : 481;
  }
}
