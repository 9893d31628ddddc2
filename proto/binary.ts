// Encodes and decodes the messages of the contract as protobuf. Runs in browsers too: no `eval`, no Buffer.

import { google, parley } from './gen/messages.js';
import type { JsonScalar } from './gen/types.ts';

interface Writer {
  finish(): Uint8Array;
}

/** What pbjs generates for each message. */
interface MessageCodec {
  encode(message: object, writer?: Writer, depth?: number): Writer;
  decode(reader: unknown, length?: number, end?: number, depth?: number): object;
}

const codecs = parley.v1 as Readonly<Record<string, MessageCodec>>;

const jsonValue = google.protobuf['Value'] as MessageCodec & (new () => object);

useJsonScalarsAsValues(jsonValue);

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
  if (message instanceof jsonValue) return unwrapJsonValue(message);
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

/**
 * The contract uses google.protobuf.Value for format parameters only, where it is a string, a number or a boolean.
 * Holding it as that very value keeps the shapes in the process equal to those of mediasoup.
 */
function useJsonScalarsAsValues(codec: MessageCodec): void {
  const { encode } = codec;
  codec.encode = (scalar: unknown, writer, depth) => encode(wrapScalar(scalar as JsonScalar), writer, depth);
}

function wrapScalar(scalar: JsonScalar): object {
  if (typeof scalar === 'string') return { stringValue: scalar };
  return typeof scalar === 'number' ? { numberValue: scalar } : { boolValue: scalar };
}

/**
 * The scalar in a decoded google.protobuf.Value; anything else as it is. Decoding itself cannot give the scalar: the
 * generated code for maps replaces what is falsy (`0`, `false`, the empty string) by an empty Value.
 */
export function unwrapJsonValue(decoded: unknown): unknown {
  if (!(decoded instanceof jsonValue)) return decoded;
  const kinds = decoded as { stringValue?: string | null; numberValue?: number | null; boolValue?: boolean | null };
  return kinds.stringValue ?? kinds.numberValue ?? kinds.boolValue ?? undefined;
}
