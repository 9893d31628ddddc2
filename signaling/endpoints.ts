import type { LogRecord } from '../proto/gen/types.ts';
import type { ClientLink } from './client-link.ts';

/** What the gateway does with a connection on `/ws`: it hands over calls and tells when the connection is gone. */
export interface ClientEndpoint {
  /**
   * Runs one call. Answers with the response message of the contract, at once where nothing has to be waited for. The answer
   * is to be queued before anything else is done, or in the same turn when it comes as a promise: events that go on from what
   * it says follow.
   * @throws {AppError} synchronously or by rejection; anything else that is thrown is INTERNAL.
   */
  call(method: string, params: unknown): object | Promise<object>;
  /**
   * The connection is gone. Open calls are aborted; the session waits for its client to come back. Not to be called from
   * within a call of the link: that may be in the middle of a broadcast.
   */
  closed(): void;
}

/** Messages of the room that a plain chat client asked for, in the order of the log. */
export interface PlainChatHistory {
  readonly messages: readonly LogRecord[];
  /** There are older ones. */
  readonly more: boolean;
}

/** What the gateway does with a connection on `/chat`. */
export interface PlainChatEndpoint {
  /**
   * Takes one message of the plain protocol: resolves when it is in the log, with the record when it was there already, or
   * with the history that was asked for. Calls may overlap; they are carried out in their order, and their outcomes are told
   * in it.
   * @throws {AppError} by rejection, which the client is told of as `error`.
   */
  receive(frame: unknown): Promise<PlainChatHistory | LogRecord | undefined>;
  /**
   * The connection is gone: the peer leaves at once, for this protocol has no way to come back. Not to be called from within
   * a call of the link.
   */
  closed(): void;
}

/** What the upgrade request of a plain chat connection asked for. */
export interface PlainChatRequest {
  readonly room: string;
  /** The name that the client gives itself; a token's name goes before it. */
  readonly user: string | undefined;
  readonly token: string | undefined;
}

/** The edges of signaling that the gateway connects clients to. */
export interface SignalingEdges {
  /** `upgradeToken`: what the upgrade request carried, used when session.connect brings none. */
  accept(link: ClientLink, upgradeToken: string | undefined): ClientEndpoint;
  /**
   * Resolves when the peer is in the room; when the connection is gone by then, its `closed` is to be called all the same.
   * @throws {AppError} by rejection, when it may not be there.
   */
  acceptPlainChat(link: ClientLink, request: PlainChatRequest): Promise<PlainChatEndpoint>;
}
