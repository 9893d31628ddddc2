import type { Dialog } from '../dialogs/dialog.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Flow } from '../transports/flow.ts';
import type { RequestDraft, ResponseDraft } from './draft.ts';
import type { OutgoingRequest } from './request-sender.ts';
import type { EndReason, Incoming, ResponseUser } from './session-events.ts';

export interface SessionUser {
  /** A request within the session; the application answers it by {@link Session.respond}. */
  request(incoming: Incoming, session: Session): void;
  /** The ACK of a 2xx of ours. */
  acknowledged(ack: SipRequest, session: Session, flow: Flow): void;
  /** The agent refused an INVITE that rang. `cancel` says so, as its caller would. */
  refusedByAgent(response: SipResponse, cancel: SipRequest, incoming: Incoming, session: Session): void;
  /** The agent ended it, and sent this BYE unless the other side knows nothing of the call. */
  endedByAgent(reason: EndReason, bye: SipRequest, session: Session): void;
  /** Its dialogs are gone: nothing is to be kept of it. */
  over(session: Session): void;
  dialogAdded(dialog: Dialog, session: Session): void;
  dialogRemoved(dialog: Dialog, session: Session): void;
}

/** What dialogs are there for (RFC 5057 calls it a usage): a call or a subscription. */
export abstract class Session {
  readonly role: 'uac' | 'uas';
  readonly callId: string;
  /** The tag of the side that sent the first request: with the Call-ID, what the session is known by. */
  readonly inviterTag: string;
  /** It is over, though its dialog may live on for something else. */
  protected isEnded = false;

  constructor(about: { readonly role: 'uac' | 'uas'; readonly callId: string; readonly inviterTag: string }) {
    this.role = about.role;
    this.callId = about.callId;
    this.inviterTag = about.inviterTag;
  }

  get ended(): boolean {
    return this.isEnded;
  }

  /** The dialog that is spoken in. */
  abstract get dialog(): Dialog | undefined;

  abstract get state(): 'early' | 'confirmed' | 'over';

  /** A request within one of its dialogs. */
  abstract receive(dialog: Dialog, incoming: Incoming): void;

  /** The application's answer to a request of it. The whole answer as it goes out; undefined when it was answered before. */
  abstract respond(incoming: Incoming, draft: ResponseDraft): SipResponse | undefined;

  /** A request of the application within it. Undefined where nothing can be sent, or not yet. */
  abstract request(draft: RequestDraft, user: ResponseUser): OutgoingRequest | undefined;

  /** Ends it whatever its state. */
  abstract end(reason: EndReason): void;

  /** Takes the first request back while it is not accepted. */
  cancel(_extra?: Iterable<readonly [string, string]>): SipRequest | undefined {
    return undefined;
  }

  /** Acknowledges the 2xx of the INVITE that was accepted last; undefined when there is none. */
  acknowledge(_draft: Pick<RequestDraft, 'headers' | 'body'>): SipRequest | undefined {
    return undefined;
  }
}
