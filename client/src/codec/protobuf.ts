// The binary subprotocol, exported as `@parley/client/protobuf` only: its code is larger than all the rest of the SDK.

import { decodeMessage, encodeMessage, toPlain } from '../../../proto/binary.ts';
import { descriptors } from '../../../proto/gen/descriptors.ts';
import { ParleyError } from '../errors.ts';
import type { Codec, ServerEvent, ServerMessage } from './codec.ts';
import { isEventName } from './event-names.ts';

/** A decoded ServerFrame; of `error` and `event` at most one is set, and of an answer without an error the result. */
interface ServerFrame {
  readonly id: number;
  readonly result: Uint8Array;
  readonly error?: {
    readonly code: string;
    readonly reason: string;
    readonly message: string;
    readonly details: Record<string, string>;
    readonly retryAfterMs: number;
  };
  readonly event?: Readonly<Record<string, object>>;
}

/** Give it as `codec` of the client's options. */
export const protobufCodec: Codec = {
  subprotocol: 'parley.v1.protobuf',

  encodeCall(id, method, params) {
    const encoded = encodeMessage(descriptors.methods[method].request, params);
    // A copy on a buffer of its own: some platforms send the whole of a pooled one.
    return new Uint8Array(encodeMessage('ClientFrame', { id, method, params: encoded }));
  },

  decode(bytes, methodOf) {
    if (typeof bytes === 'string') throw new Error('text where binary was agreed upon');
    const frame = toPlain(decodeMessage('ServerFrame', new Uint8Array(bytes))) as ServerFrame;
    if (frame.id === 0) return toEventMessage(frame.event ?? {});
    if (frame.error) return toErrorMessage(frame.id, frame.error);
    const method = methodOf(frame.id);
    if (method === undefined) return { kind: 'unknown' };
    const result = toPlain(decodeMessage(descriptors.methods[method].response, frame.result)) as object;
    return { kind: 'result', id: frame.id, result };
  },
};

function toEventMessage(event: Readonly<Record<string, object>>): ServerMessage {
  // An event of a newer contract is a field that this one does not name: nothing is set then.
  const entry = Object.entries(event).find(([name]) => isEventName(name));
  return entry
    ? { kind: 'event', event: { name: entry[0], payload: entry[1] } as unknown as ServerEvent }
    : { kind: 'unknown' };
}

function toErrorMessage(id: number, error: NonNullable<ServerFrame['error']>): ServerMessage {
  return {
    kind: 'error',
    id,
    error: new ParleyError(error.reason || 'INTERNAL', error.message, {
      code: error.code,
      details: error.details,
      retryAfterMs: error.retryAfterMs > 0 ? error.retryAfterMs : undefined,
    }),
  };
}
