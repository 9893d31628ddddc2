import type { Clock } from '../../../core/clock.ts';
import type { SessionTimerOptions } from '../dialogs/session-timer.ts';
import type { SipRequest } from '../messages/message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Timing } from '../transactions/timing.ts';
import type { Flow } from '../transports/flow.ts';
import type { ClientInvite } from './client-invite.ts';
import type { OutgoingRequest, SenderUser } from './request-sender.ts';

/** What the parts of the user agent get from it. */
export interface AgentContext {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly sessionTimer: SessionTimerOptions;
  /** `User-Agent` and `Server`; '' writes none. */
  readonly product: string;
  send(request: SipRequest, to: Flow | string, user: SenderUser): OutgoingRequest;
  /** Sends an ACK, which is no transaction, and lets `invite` keep it for when its 2xx comes again. */
  sendAck(ack: SipRequest, to: Flow | string, invite: ClientInvite): void;
  /** Towards the other side of a flow: `<sip:host:port;transport=…>`; of the first that is listened on, before there is one. */
  contact(hop: Pick<Hop, 'transport' | 'sentBy'> | undefined): string;
}

/** Methods that are served at all; others are 501. */
export const servedMethods: ReadonlySet<string> = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'PRACK',
  'UPDATE',
  'INFO',
  'REFER',
  'SUBSCRIBE',
  'NOTIFY',
  'MESSAGE',
  'PUBLISH',
]);

/** Outside of a dialog they mean nothing. */
export const needsDialog: ReadonlySet<string> = new Set(['BYE', 'PRACK', 'UPDATE', 'INFO']);

export const allow = [...servedMethods].join(', ');

/** Option tags that a Require may name. */
export const servedOptions: ReadonlySet<string> = new Set([
  '100rel',
  'timer',
  'replaces',
  'norefersub',
  'path',
  'outbound',
  'gruu',
  'tdialog',
]);
