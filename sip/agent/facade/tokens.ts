import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { SipMessage } from '../messages/message.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Endpoint } from '../transports/endpoint.ts';

/** `HH:MM:SS.uuuuuu`, as drachtio writes it, in UTC. */
export function timeToken(clock: Clock): string {
  return `${new Date(clock.nowMs()).toISOString().slice(11, 23)}000`;
}

/** What drachtio calls a protocol: WebSocket has words of its own. */
export function protocolToken(hop: Pick<Hop, 'transport'> | undefined): string {
  return hop?.transport.toLowerCase() ?? '';
}

export interface MessageTokens {
  readonly bytes: number;
  readonly protocol: string;
  readonly remote: Endpoint | undefined;
  readonly time: string;
  readonly transactionId: string;
  /** '' outside of a call. */
  readonly dialogId: string;
}

/** `sip|network|…` for what came; a trailing `|` belongs to it, without it drachtio-srf takes it for nothing. */
export function networkFrame(about: MessageTokens, message: SipMessage, receivedOn?: Endpoint): string {
  const on = receivedOn === undefined ? '' : `${receivedOn.address}|${receivedOn.port}|`;
  return `${randomUUID()}|sip|network|${common(about)}|${about.dialogId}|${on}\r\n${textOf(message)}`;
}

/** A BYE that the agent itself sent: drachtio-srf tells the application that the call is over. */
export function unsolicitedFrame(about: MessageTokens, message: SipMessage): string {
  return `${randomUUID()}|sip|application|${common(about)}|${about.dialogId}|\r\n${textOf(message)}`;
}

export function responseSent(to: string, about: MessageTokens, message: SipMessage): string {
  return reply(to, `OK|application|${common(about)}|${about.dialogId}||Msg sent:|\r\n${textOf(message)}`);
}

export function requestSent(to: string, about: MessageTokens, message: SipMessage): string {
  return reply(to, `OK|application|${common(about)}|Msg sent:|\r\n${textOf(message)}`);
}

/** An answer to a frame of the application. `NO` ends its connection, `NOK` is about the one message. */
export function reply(to: string, what: string): string {
  return `${randomUUID()}|response|${to}|${what}`;
}

export function textOf(message: SipMessage): string {
  return serializeMessage(message).toString('utf8');
}

function common({ bytes, protocol, remote, time, transactionId }: MessageTokens): string {
  return `${bytes}|${protocol}|${remote?.address ?? ''}|${remote?.port ?? 0}|${time}|${transactionId}`;
}
