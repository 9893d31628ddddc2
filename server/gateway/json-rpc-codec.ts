// The subprotocol parley.v1.json: JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one message a text frame.
// Events are notifications of the server. Batches are refused: a connection carries calls side by side anyway.

import { codeNames } from '../../core/error-maps.ts';
import { AppError } from '../../core/errors.ts';
import type { Frame } from '../../core/event-message.ts';
import { toErrorBody } from './error-answer.ts';
import { type CallId, type ClientMessage, maxMethodLength, type RpcCodec } from './rpc-codec.ts';

/** Section 5.1 of the specification. */
const parseErrorCode = -32700;
const invalidRequestCode = -32600;
const maxIdLength = 128;

const decoder = new TextDecoder();

export const jsonRpcCodec: RpcCodec = {
  protocol: 'json',
  subprotocol: 'parley.v1.json',
  isBinary: false,

  decode(data, isBinary) {
    if (isBinary) return malformed(parseErrorCode, 'parley.v1.json takes text frames, and this one is binary');
    const text = decoder.decode(data);
    return decodeUsualCall(text) ?? decodeAny(text);
  },

  // Whole objects: texts that are put together are copied once more before they are sent.
  encodeResult: (id, _method, result) => JSON.stringify({ jsonrpc: '2.0', id, result }),

  encodeError: (id, error) => encodeError(encodeId(id), codeNames[error.code].jsonRpc, error),

  encodeProblem: (error) => encodeError('null', codeNames[error.code].jsonRpc, error),

  encodeEvent: (name, payload) => [
    // Bytes, for an event goes to many connections: a string would be turned into bytes for each.
    Buffer.from(JSON.stringify({ jsonrpc: '2.0', method: name, params: payload })),
  ],
};

/** A call as nearly everyone writes it. `params` is what stands before the last brace. */
const usualCall = /^\{"jsonrpc":"2\.0","id":(0|[1-9]\d{0,14}),"method":"([A-Za-z.]{1,64})","params":/;

/**
 * Reads a call in its usual form at half the cost. Nothing else passes: when the rest without its last brace is one JSON
 * value, then the message had these four members and no more.
 */
function decodeUsualCall(text: string): ClientMessage | undefined {
  const head = usualCall.exec(text);
  if (head === null || !text.endsWith('}')) return undefined;
  try {
    const params: unknown = JSON.parse(text.slice(head[0].length, -1));
    if (!isObject(params)) return undefined;
    return { kind: 'call', id: Number(head[1]), method: head[2] ?? '', params };
  } catch {
    return undefined;
  }
}

function decodeAny(text: string): ClientMessage {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return malformed(parseErrorCode, 'it is not JSON');
  }
  if (Array.isArray(message)) return malformed(invalidRequestCode, 'batches are not taken: send one call a frame');
  return isObject(message) ? decodeRequest(message) : malformed(invalidRequestCode, 'a JSON-RPC call is an object');
}

function decodeRequest(request: Readonly<Record<string, unknown>>): ClientMessage {
  const { id, method, params = {} } = request;
  if (request['jsonrpc'] !== '2.0') return malformed(invalidRequestCode, 'the member jsonrpc must be "2.0"');
  if (id !== undefined && !isCallId(id)) {
    return malformed(
      invalidRequestCode,
      `the member id must be a whole number or a string of at most ${maxIdLength} characters`,
    );
  }
  if (typeof method !== 'string' || method === '' || method.length > maxMethodLength) {
    const problem = `the member method must be a string of 1 to ${maxMethodLength} characters`;
    return malformed(invalidRequestCode, problem, id);
  }
  if (!isObject(params)) {
    // Section 4.2 allows a list; the contract knows its parameters by name only.
    return malformed(codeNames.INVALID_ARGUMENT.jsonRpc, 'the member params must be an object', id);
  }
  // Section 4.1: a request without an id is a notification and gets no answer.
  return id === undefined ? { kind: 'notification' } : { kind: 'call', id, method, params };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Section 4 would also take null and fractions, which cannot name an answer or be compared. */
function isCallId(id: unknown): id is CallId {
  return typeof id === 'string' ? id.length <= maxIdLength : Number.isSafeInteger(id);
}

function malformed(jsonRpcCode: number, problem: string, id?: CallId): ClientMessage {
  const error = new AppError('BAD_FRAME', { problem });
  const answer = encodeError(id === undefined ? 'null' : encodeId(id), jsonRpcCode, error);
  return { kind: 'malformed', answer };
}

function encodeError(id: string, code: number, error: AppError): Frame {
  const body = JSON.stringify({ code, message: error.message, data: toErrorBody(error) });
  return `{"jsonrpc":"2.0","id":${id},"error":${body}}`;
}

function encodeId(id: CallId): string {
  return typeof id === 'number' ? String(id) : JSON.stringify(id);
}
