import { ParleyError } from '../errors.ts';
import type { Codec, ServerEvent, ServerMessage } from './codec.ts';
import { isEventName } from './event-names.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** JSON-RPC 2.0, one message a text frame; events are notifications. */
export const jsonCodec: Codec = {
  subprotocol: 'parley.v1.json',

  encodeCall: (id, method, params) => JSON.stringify({ jsonrpc: '2.0', id, method, params }),

  decode(frame) {
    if (typeof frame !== 'string') throw new Error('binary where text was agreed upon');
    const message = requireObject(JSON.parse(frame));
    if (message['error'] !== undefined) return toErrorMessage(message['id'], requireObject(message['error']));
    if (message['result'] !== undefined) {
      return { kind: 'result', id: requireId(message['id']), result: requireObject(message['result']) };
    }
    if (typeof message['method'] !== 'string') throw new Error('neither an answer nor an event');
    return toEventMessage(message['method'], requireObject(message['params']));
  },
};

function toEventMessage(name: string, payload: JsonObject): ServerMessage {
  if (!isEventName(name)) return { kind: 'unknown' };
  // The server is trusted to fill in what its own contract says.
  return { kind: 'event', event: { name, payload } as unknown as ServerEvent };
}

function toErrorMessage(id: unknown, error: JsonObject): ServerMessage {
  // JSON-RPC 2.0 section 5: null where the server could not tell which call it was.
  if (id === null) return { kind: 'unknown' };
  const data = isObject(error['data']) ? error['data'] : {};
  const retryAfterMs = data['retryAfterMs'];
  return {
    kind: 'error',
    id: requireId(id),
    error: new ParleyError(text(data['reason']) || 'INTERNAL', text(error['message']), {
      code: text(data['code']),
      details: toDetails(data['details']),
      retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : undefined,
    }),
  };
}

function toDetails(raw: unknown): Record<string, string> {
  return isObject(raw) ? Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, String(value)])) : {};
}

function text(raw: unknown): string {
  return typeof raw === 'string' ? raw : '';
}

function requireId(raw: unknown): number {
  if (typeof raw !== 'number') throw new Error('an answer without the id of its call');
  return raw;
}

function requireObject(raw: unknown): JsonObject {
  if (!isObject(raw)) throw new Error('not an object');
  return raw;
}

function isObject(raw: unknown): raw is JsonObject {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw);
}
