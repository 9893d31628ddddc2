import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { Flow } from '../transports/flow.ts';
import type { Session } from './session.ts';
import type { EndReason, Incoming } from './session-events.ts';

/** Whoever decides: an application, through the façade. */
export interface UserAgentUser {
  /** A request that wants an answer, by `UserAgent.respond`. Within a call it has its session; a first INVITE has a new one. */
  request(incoming: Incoming, session: Session | undefined): void;
  /** The caller took its INVITE back; it was answered 487 already. */
  canceled(cancel: SipRequest, incoming: Incoming, session: Session): void;
  /**
   * The agent itself refused an INVITE that was not answered for good: its time was over (RFC 3261 section 13.3.1), a provisional answer
   * was not acknowledged (RFC 3262 section 3), or the agent ends. `cancel` says so, as its caller would.
   */
  refused(response: SipResponse, cancel: SipRequest, incoming: Incoming, session: Session): void;
  /** The ACK of a 2xx. */
  acknowledged(ack: SipRequest, session: Session, flow: Flow): void;
  /** The agent ended a call by itself. */
  ended(reason: EndReason, bye: SipRequest, session: Session): void;
  /** Nothing is known of this call any more. */
  over(session: Session): void;
}
