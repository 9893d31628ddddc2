import type { ServerTransaction } from '../transactions/transaction.ts';
import type { ServerInvite } from './server-invite.ts';

/** Which offers of a call wait for their answers: none may cross another one (RFC 3261 section 14, RFC 3311 section 5). */
export class Offers {
  /** An INVITE, or an UPDATE with an offer, of ours is not answered. */
  inviting = false;
  updating = false;
  /** The offer of an INVITE of ours was answered by a reliable provisional answer: UPDATE may offer again. */
  answeredEarly = false;
  /** An UPDATE of the other side is not answered. */
  theirUpdate: ServerTransaction | undefined;

  /** Whether a request of ours has to wait. */
  glares(method: string, offers: boolean, server: ServerInvite | undefined): boolean {
    if (method === 'INVITE') {
      const theirs = server !== undefined && (server.open || server.unacknowledged);
      return this.inviting || this.updating || theirs || this.theirUpdate !== undefined;
    }
    if (method !== 'UPDATE' || !offers) return false;
    return this.#oursIsOpen || this.theirUpdate !== undefined || isOpen(server);
  }

  /** What an INVITE within the call is refused with. */
  refusalOfInvite(server: ServerInvite | undefined): 491 | 500 | undefined {
    // Both offer at once, or our 2xx of the INVITE before is not acknowledged.
    if (this.inviting || this.updating || server?.unacknowledged) return 491;
    return server?.open || this.theirUpdate !== undefined ? 500 : undefined;
  }

  /** What an UPDATE is refused with. Without an offer it refreshes the session, which crosses nothing. */
  refusalOfUpdate(offers: boolean, server: ServerInvite | undefined): 491 | 500 | undefined {
    if (offers && this.#oursIsOpen) return 491;
    return this.theirUpdate !== undefined || (offers && isOpen(server)) ? 500 : undefined;
  }

  /** An UPDATE of the other side that goes to the application. */
  take(update: ServerTransaction): void {
    this.theirUpdate = update;
    const ended = () => {
      if (this.theirUpdate === update) this.theirUpdate = undefined;
    };
    update.serve({ failed: () => {}, ended });
  }

  /** A request of ours leaves. */
  sent(method: string, offers: boolean): void {
    if (method === 'INVITE') {
      this.inviting = true;
      this.answeredEarly = false;
    }
    if (method === 'UPDATE' && offers) this.updating = true;
  }

  /** It got its final answer. */
  answered(method: string, offers: boolean): void {
    if (method === 'INVITE') this.inviting = false;
    if (method === 'UPDATE' && offers) this.updating = false;
  }

  get #oursIsOpen(): boolean {
    return this.updating || (this.inviting && !this.answeredEarly);
  }
}

function isOpen(server: ServerInvite | undefined): boolean {
  return server?.open === true && !server.offerAnswered;
}
