import type { SipRequest } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { DialogTable, type KnownDialog } from './dialog-table.ts';
import type { Session, SessionUser } from './session.ts';
import type { EndReason } from './session-events.ts';
import { Subscription } from './subscription.ts';
import type { UserAgentUser } from './user-agent-user.ts';

/** The calls and subscriptions of an agent with their dialogs, as long as there are any. As many as its guard lets in. */
export class Sessions {
  readonly dialogs = new DialogTable();
  /** What each of them tells. */
  readonly user: SessionUser;
  readonly #all = new Set<Session>();
  /** Ours, for the NOTIFY that comes before their answer. */
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(user: UserAgentUser, over: (session: Session) => void) {
    this.user = {
      request: (incoming, session) => user.request(incoming, session),
      acknowledged: (ack, session, flow) => user.acknowledged(ack, session, flow),
      refusedByAgent: (response, cancel, incoming, session) => user.refused(response, cancel, incoming, session),
      endedByAgent: (reason, bye, session) => user.ended(reason, bye, session),
      over: (session) => {
        this.#all.delete(session);
        over(session);
        const key = subscriptionKey(session.callId, session.inviterTag);
        if (this.#subscriptions.get(key) === session) this.#subscriptions.delete(key);
        user.over(session);
      },
      dialogAdded: (dialog, session) => this.dialogs.add(dialog, session),
      dialogRemoved: (dialog) => this.dialogs.remove(dialog),
    };
  }

  get size(): number {
    return this.#all.size;
  }

  add(session: Session): void {
    this.#all.add(session);
    if (session instanceof Subscription && session.role === 'uac')
      this.#subscriptions.set(subscriptionKey(session.callId, session.inviterTag), session);
  }

  /** Whether a NOTIFY is for a subscription of ours that has no dialog yet. */
  awaits(notify: SipRequest): boolean {
    return this.#subscriptionOf(notify) !== undefined;
  }

  /** What a request belongs to. The first NOTIFY may begin the dialog of a subscription of ours. */
  of(request: SipRequest): KnownDialog | undefined {
    const known = this.dialogs.of(request);
    if (known !== undefined || request.method !== 'NOTIFY') return known;
    const session = this.#subscriptionOf(request);
    const dialog = session?.adopt(request);
    return session === undefined || dialog === undefined ? undefined : { dialog, session };
  }

  endAll(reason: EndReason): void {
    for (const session of [...this.#all]) session.end(reason);
  }

  #subscriptionOf({ headers }: SipRequest): Subscription | undefined {
    return this.#subscriptions.get(subscriptionKey(headers.get('Call-ID') ?? '', tagOf(headers.get('To')) ?? ''));
  }
}

function subscriptionKey(callId: string, localTag: string): string {
  return `${callId} ${localTag}`;
}
