import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { SipMessage } from '../messages/message.ts';
import { messageText } from '../messages/serialize-message.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import type { Flow } from '../transports/flow.ts';

/** What stands in a frame about its message. */
export interface MessageTokens {
  /** As many as its text has, where it is undefined. */
  readonly bytes: number | undefined;
  readonly protocol: string;
  /** Where it came from; of what was sent, where it left. */
  readonly at: Endpoint | undefined;
  readonly time: string;
  readonly transactionId: string;
  /** '' outside of a call. */
  readonly dialogId: string;
}

/** Of a request that came, or of its answer. */
export function receivedTokens(
  clock: Clock,
  { flow, bytes }: { readonly flow: Flow; readonly bytes?: number },
  transactionId: string,
  dialogId: string,
): MessageTokens {
  return {
    bytes,
    protocol: protocolToken(flow),
    at: flow.remote,
    time: timeToken(clock),
    transactionId,
    dialogId,
  };
}

/** Of a request that was sent; without a hop it was not. */
export function sentTokens(clock: Clock, hop: Hop | undefined, transactionId: string): MessageTokens {
  return {
    bytes: undefined,
    protocol: protocolToken(hop),
    at: flowOf(hop)?.local,
    time: timeToken(clock),
    transactionId,
    dialogId: '',
  };
}

/** Of an answer to a request that was sent. One that the agent made itself came from nowhere, and `sentBy` is how it was tried. */
export function answerTokens(
  clock: Clock,
  { hop, sentBy }: { readonly hop: Hop | undefined; readonly sentBy: Hop | undefined },
  transactionId: string,
  dialogId: string,
): MessageTokens {
  return {
    bytes: hop === undefined ? 0 : undefined,
    protocol: protocolToken(hop ?? sentBy),
    at: flowOf(hop)?.remote,
    time: timeToken(clock),
    transactionId,
    dialogId,
  };
}

/** `sip|network|…` for what came; a trailing `|` belongs to it, without it drachtio-srf takes it for nothing. */
export function networkFrame(about: MessageTokens, message: SipMessage, receivedOn?: Endpoint): string {
  const on = receivedOn === undefined ? '' : `${receivedOn.address}|${receivedOn.port}|`;
  const text = messageText(message);
  return `${randomUUID()}|sip|network|${common(about, text)}|${about.dialogId}|${on}\r\n${text}`;
}

/** A BYE that the agent itself sent: drachtio-srf tells the application that the call is over. */
export function unsolicitedFrame(clock: Clock, dialogId: string, message: SipMessage): string {
  const time = timeToken(clock);
  const about = { bytes: 0, protocol: '', at: undefined, time, transactionId: 'unsolicited', dialogId };
  const text = messageText(message);
  return `${randomUUID()}|sip|application|${common(about, text)}|${dialogId}|\r\n${text}`;
}

export function responseSent(to: string, about: MessageTokens, message: SipMessage): string {
  const text = messageText(message);
  return reply(to, `OK|application|${common(about, text)}|${about.dialogId}||Msg sent:|\r\n${text}`);
}

export function requestSent(to: string, about: MessageTokens, message: SipMessage): string {
  const text = messageText(message);
  return reply(to, `OK|application|${common(about, text)}|Msg sent:|\r\n${text}`);
}

/** An answer to a frame of the application. `NO` ends its connection, `NOK` is about the one message. */
export function reply(to: string, what: string): string {
  return `${randomUUID()}|response|${to}|${what}`;
}

/** `HH:MM:SS.uuuuuu`, as drachtio writes it, in UTC. */
export function timeToken(clock: Clock): string {
  return `${new Date(clock.nowMs()).toISOString().slice(11, 23)}000`;
}

/** What drachtio calls a protocol: WebSocket has words of its own. */
function protocolToken(hop: Pick<Hop, 'transport'> | undefined): string {
  return hop?.transport.toLowerCase() ?? '';
}

/** Requests leave by flows, and answers come back on them. */
function flowOf(hop: Hop | undefined): Pick<Flow, 'local' | 'remote'> | undefined {
  return hop !== undefined && 'remote' in hop ? (hop as Flow) : undefined;
}

function common({ bytes, protocol, at, time, transactionId }: MessageTokens, text: string): string {
  return `${bytes ?? Buffer.byteLength(text)}|${protocol}|${at?.address ?? ''}|${at?.port ?? 0}|${time}|${transactionId}`;
}
