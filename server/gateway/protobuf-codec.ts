// The subprotocol parley.v1.protobuf: ClientFrame and ServerFrame of proto/parley/v1/frame.proto, one a binary frame.

import { AppError } from '../../core/errors.ts';
import { decodeMessage, encodeMessage } from '../../proto/binary.ts';
import type { MethodDescriptor } from '../../proto/descriptor-types.ts';
import { descriptors } from '../../proto/gen/descriptors.ts';
import { type ClientMessage, maxMethodLength, type RpcCodec } from './rpc-codec.ts';

/** Errors that belong to no call carry the id that no call has. */
const noCall = 0;

export const protobufCodec: RpcCodec = {
  protocol: 'protobuf',
  subprotocol: 'parley.v1.protobuf',
  isBinary: true,

  decode(data, isBinary) {
    if (!isBinary) return malformed('parley.v1.protobuf takes binary frames, and this one is text');
    let frame: { readonly id: number; readonly method: string; readonly params: Uint8Array };
    try {
      frame = decodeMessage('ClientFrame', new Uint8Array(data)) as typeof frame;
    } catch {
      return malformed('it is not a ClientFrame');
    }
    const { id, method } = frame;
    if (id === noCall) return malformed('the id of a call is not 0');
    if (method === '' || method.length > maxMethodLength) {
      return malformed(`method must have 1 to ${maxMethodLength} characters`, id);
    }
    return decodeCall(id, method, frame.params);
  },

  encodeResult(id, method, result) {
    const descriptor = findMethod(method);
    if (!descriptor) throw new Error(`the contract has no method ${method}`);
    return encodeMessage('ServerFrame', { id, result: encodeMessage(descriptor.response, result) });
  },

  encodeError: (id, error) => encodeError(Number(id), error),

  encodeProblem: (error) => encodeError(noCall, error),

  encodeEvent: (name, payload) => [encodeMessage('ServerFrame', { event: { [name]: payload } })],
};

function decodeCall(id: number, method: string, params: Uint8Array): ClientMessage {
  const descriptor = findMethod(method);
  // Whoever runs the calls says that there is no such method.
  if (!descriptor) return { kind: 'call', id, method, params: {} };
  try {
    return { kind: 'call', id, method, params: decodeMessage(descriptor.request, params) };
  } catch {
    return malformed(`params is not a ${descriptor.request}`, id);
  }
}

/** Own members only: the name comes from outside. */
function findMethod(method: string): MethodDescriptor | undefined {
  return Object.hasOwn(descriptors.methods, method)
    ? descriptors.methods[method as keyof typeof descriptors.methods]
    : undefined;
}

function malformed(problem: string, id = noCall): ClientMessage {
  const error = new AppError('BAD_FRAME', { problem });
  return { kind: 'malformed', answer: encodeError(id, error) };
}

function encodeError(id: number, error: AppError): Uint8Array {
  const { code, reason, message, retryAfterMs = 0 } = error;
  const details = Object.fromEntries(Object.entries(error.details).map(([key, value]) => [key, String(value)]));
  return encodeMessage('ServerFrame', { id, error: { code, reason, message, details, retryAfterMs } });
}
