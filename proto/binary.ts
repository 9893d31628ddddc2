// Encodes and decodes the messages of the contract as protobuf. Runs in browsers too: no `eval`, no Buffer.

import { google, parley } from './gen/messages.js';
import { isJsonValue, type MessageCodec, unwrapJsonValue, useJsonScalarsAsValues } from './json-values.ts';

const codecs = parley.v1 as Readonly<Record<string, MessageCodec>>;

useJsonScalarsAsValues(google.protobuf['Value']);

/** The protobuf bytes of a message. @throws {Error} for a type that the contract does not name. */
export function encodeMessage(type: string, message: object): Uint8Array {
  return requireCodec(type).encode(message).finish();
}

/**
 * The message in some protobuf bytes: its own properties are what was on the wire, its prototype has the defaults.
 * @throws {Error} when the bytes are not a message of the type.
 */
export function decodeMessage(type: string, bytes: Uint8Array): object {
  return requireCodec(type).decode(bytes);
}

/** A plain deep copy with every default filled in and absent optional fields left out. */
export function toPlain(message: unknown): unknown {
  if (Array.isArray(message)) return message.map(toPlain);
  if (isJsonValue(message)) return unwrapJsonValue(message);
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return message;
  const plain: Record<string, unknown> = {};
  for (const key in message) {
    const value = (message as Record<string, unknown>)[key];
    if (value !== null && value !== undefined && typeof value !== 'function' && key !== '$unknowns')
      plain[key] = toPlain(value);
  }
  return plain;
}

function requireCodec(type: string): MessageCodec {
  const codec = codecs[type];
  if (!codec) throw new Error(`the contract has no message ${type}`);
  return codec;
}
