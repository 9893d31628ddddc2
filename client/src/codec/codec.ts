import type { EventName, Events, MethodName } from '../../../proto/gen/types.ts';
import type { ParleyError } from '../errors.ts';

/** One event of the contract with its payload. */
export type ServerEvent = { [Name in EventName]: { readonly name: Name; readonly payload: Events[Name] } }[EventName];

/** What the server said in one frame. */
export type ServerMessage =
  | { readonly kind: 'result'; readonly id: number; readonly result: object }
  | { readonly kind: 'error'; readonly id: number; readonly error: ParleyError }
  | { readonly kind: 'event'; readonly event: ServerEvent }
  /** Readable, but about something that this SDK does not know: from a newer server, or an answer that nobody waits for. */
  | { readonly kind: 'unknown' };

/** One subprotocol of `/ws`: how calls, answers and events are written. */
export interface Codec {
  /** As in `parley.v1.json`. */
  readonly subprotocol: string;
  encodeCall(id: number, method: MethodName, params: object): string | Uint8Array<ArrayBuffer>;
  /**
   * `methodOf` names the method of a call that is open, for binary answers do not say what they are.
   * @throws {Error} when the frame cannot be read.
   */
  decode(frame: string | ArrayBuffer, methodOf: (id: number) => MethodName | undefined): ServerMessage;
}
