import type { SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import type { Hop } from '../transactions/hop.ts';
import type { CallDialogs } from './call-dialogs.ts';
import type { ClientInvite } from './client-invite.ts';
import type { AgentContext } from './context.ts';
import { isSdp } from './draft.ts';
import { reliableNumber } from './forks.ts';
import type { Offers } from './offers.ts';
import type { ResponseUser } from './session-events.ts';
import type { SessionRefresh } from './session-refresh.ts';
import { type FirstWay, WayToPeer } from './way-to-peer.ts';

/** What a call keeps that its answers change. */
export interface CallParts {
  readonly dialogs: CallDialogs;
  readonly offers: Offers;
  readonly refresh: SessionRefresh;
  /** Of the INVITE. */
  readonly first: FirstWay;
  readonly way: WayToPeer;
}

export interface FirstAnswersUser {
  /** The call is over: who accepts it now is too late. */
  isEnded(): boolean;
  refused(): void;
}

/** What comes of the INVITE that a call of ours begins with: phones that ring, and the one that accepts (RFC 3261 section 13.2.2). */
export class FirstAnswers {
  readonly #context: AgentContext;
  readonly #parts: CallParts;
  readonly #user: FirstAnswersUser;
  /** Of its newest attempt: each further target is one. */
  client: ClientInvite | undefined;

  constructor(context: AgentContext, parts: CallParts, user: FirstAnswersUser) {
    this.#context = context;
    this.#parts = parts;
    this.#user = user;
  }

  hear(response: SipResponse, hop: Hop | undefined, user: ResponseUser): void {
    const { dialogs, offers, first } = this.#parts;
    const tag = tagOf(response.headers.get('To')) ?? '';
    if (response.status < 200) {
      if (this.#user.isEnded() || !dialogs.forks.admits(response, tag)) return;
      if (tag !== '') this.#early(tag, response, hop);
      user.response(response, hop);
      return;
    }
    offers.answered('INVITE', true);
    if (response.status >= 300) {
      user.response(response, hop);
      this.#user.refused();
    } else if (dialogs.main === undefined && !this.#user.isEnded()) {
      this.#accept(tag, response, hop);
      user.response(response, hop);
    } else if (dialogs.main?.remoteTag !== tag || this.#user.isEnded()) {
      // Of another phone, or too late.
      const way = new WayToPeer(first);
      way.answered(hop);
      this.client?.hangUp(this.#context, response, way);
    } else {
      this.client?.isCopy(response);
    }
  }

  #accept(tag: string, response: SipResponse, hop: Hop | undefined): void {
    const { dialogs, refresh, way } = this.#parts;
    way.answered(hop);
    refresh.learn(response.headers);
    if (this.client !== undefined) dialogs.accepted(this.client.request, response, tag);
    refresh.accepted(response);
  }

  #early(tag: string, response: SipResponse, hop: Hop | undefined): void {
    const { dialogs, offers, refresh, way } = this.#parts;
    way.answered(hop);
    refresh.learn(response.headers);
    if (reliableNumber(response) !== undefined && isSdp(response.headers, response.body)) offers.answeredEarly = true;
    if (this.client !== undefined) dialogs.rings(this.client.request, response, tag);
  }
}
